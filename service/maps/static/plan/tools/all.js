// The tools of the editor by their names.

import { ChooseTool } from "./choose.js";
import { HandOverTool } from "./hand_over.js";
import { MergeTool } from "./merge.js";
import { NewGridTool } from "./new_grid.js";
import { NodeTool } from "./node.js";
import { ReshapeTool } from "./reshape.js";
import { SplitTool } from "./split.js";

export function toolsOf(plan) {
  return {
    choose: new ChooseTool(plan), lasso: new ChooseTool(plan, { lasso: true }), node: new NodeTool(plan), split: new SplitTool(plan),
    reshape: new ReshapeTool(plan), "hand-over": new HandOverTool(plan), merge: new MergeTool(plan), "new-grid": new NewGridTool(plan),
  };
}
