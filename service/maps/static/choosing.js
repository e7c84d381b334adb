// Which model a layer has: what reads tiles is fetched only where a layer comes in tiles.

import { MapModel } from "./model.js";

// The model of what the service tells of a layer, whole or in tiles; options as of TiledModel.
export async function modelOf(content, options) {
  if (!content.tiles) return new MapModel(content);
  const { TiledModel } = await import("./gridtiles.js");
  return new TiledModel(content, options);
}
