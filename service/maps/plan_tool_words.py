"""What the map of the editor and its tools say, in Chinese and in English."""

from typing import Final

TOOLS: Final[dict[str, tuple[str, str]]] = {
    "plan_tool_choose": ("选择", "Choose"),
    "plan_tool_lasso": ("圈选", "Lasso"),
    "plan_tool_node": ("节点", "Nodes"),
    "plan_tool_split": ("切分", "Split"),
    "plan_tool_reshape": ("改边界", "Border"),
    "plan_tool_hand-over": ("划转", "Hand over"),
    "plan_tool_merge": ("合并", "Merge"),
    "plan_tool_new-grid": ("新网格", "New grid"),
    "plan_choices": ("工具选项", "Choices of the tool"),
    "plan_keys": ("键盘快捷键", "Keyboard shortcuts"),
    "plan_close": ("关闭", "Close"),
    "plan_comma": ("、", ", "),
    "plan_metres": ("{metres} 米", "{metres} m"),
    # What a point is drawn to, where that has no name
    "plan_snap_node": ("节点", "node"),
    "plan_snap_border": ("边界", "border"),
    "plan_snap_street": ("道路", "street"),
    "plan_snap_wall": ("围墙、河流或铁路", "wall, river or railway"),
    "plan_snap_building": ("楼栋", "building"),
    # What each tool is for, and what comes next
    "plan_hint_choose": (
        "点网格选中，按住 Shift 可多选或拖动圈选。",
        "Click a grid. With Shift click more, or draw around them.",
    ),
    "plan_hint_lasso": (
        "按住左键圈出要选的网格；按住 Shift 在已选之外添加。",
        "Draw around the grids. With Shift they are added to those chosen.",
    ),
    "plan_hint_node": (
        "拖动节点，相邻网格的边界一起移动；点边界插入节点，点节点后可删除。",
        "Drag a node: all grids that meet there follow. Click a border to put a node in, a node to take it out.",
    ),
    "plan_hint_node_chosen": (
        "方向键每次移动 1 米（Shift 为 10 米），Enter 确定，Delete 删除。",
        "Arrow keys move it by 1 m (10 m with Shift), Enter puts it down, Delete takes it out.",
    ),
    "plan_hint_node_held": ("Enter 确定，Esc 放弃。", "Enter puts it down, Esc gives up."),
    "plan_hint_split": (
        "画一条线把网格切开：从边界外或边界上开始，在另一侧结束。",
        "Draw a line across the grid, from its border or outside to the other side.",
    ),
    "plan_hint_line": (
        "继续点下一个点；双击或 Enter 完成，Backspace 退一点，Esc 放弃。",
        "Click the next point. Double click or Enter ends it, Backspace takes one back, Esc gives up.",
    ),
    "plan_hint_reshape": (
        "在两个网格的公共边界上点起点，画出新边界，回到同一条边界上结束。",
        "Begin on the border of two grids, draw the new border, and end on the same border.",
    ),
    "plan_hint_reshape_line": (
        "继续点下一个点，最后一点落在边界上；双击或 Enter 完成。",
        "Click on; the last point lies on the border. Double click or Enter ends it.",
    ),
    "plan_hint_taker": ("先点接收地块的网格。", "First click the grid that takes the ground."),
    "plan_hint_hand_area": (
        "划给“{name}”：按住左键圈出地块，或逐点画出，点回起点结束。按住空格可移动地图。",
        "To {name}: draw around the ground in one sweep, or click its corners and end at the first. "
        "Hold Space to move the map.",
    ),
    "plan_hint_hand_building": ("划给“{name}”：点要划入的楼栋。", "To {name}: click the building."),
    "plan_hint_hand_block": (
        "划给“{name}”：点要划入的街块（街道围成的地块）。",
        "To {name}: click the block between streets.",
    ),
    "plan_hint_new_area": (
        "圈出新网格的范围：按住左键一笔圈出，或逐点画出，点回起点结束。按住空格可移动地图。",
        "Draw around the new grid in one sweep, or click its corners and end at the first. Hold Space to move the map.",
    ),
    "plan_hint_new_building": ("点要单独成为网格的楼栋。", "Click the building that becomes a grid."),
    "plan_hint_new_block": ("点要单独成为网格的街块。", "Click the block between streets that becomes a grid."),
    "plan_hint_merge": ("点要合并的网格。", "Click the grids to merge."),
    "plan_hint_merge_more": ("再点与它相邻的网格。", "Click another one that touches it."),
    "plan_hint_merge_ready": (
        "合并后保留“{name}”的编码和人员。Enter 合并。",
        "{name} keeps its code and its people. Enter merges.",
    ),
    # Choices
    "plan_choose_more": ("多选", "Choose more"),
    "plan_line_done": ("完成", "Done"),
    "plan_line_back": ("退一点", "One point back"),
    "plan_way_area": ("圈画", "Draw"),
    "plan_way_building": ("楼栋", "Building"),
    "plan_way_block": ("街块", "Block"),
    "plan_other_taker": ("换接收网格", "Other taker"),
    "plan_merge_keep": ("保留 {name}", "Keep {name}"),
    "plan_merge_do": ("合并", "Merge"),
    "plan_node_remove": ("删除节点", "Remove node"),
    # What cannot be
    "plan_node_rim": (
        "该节点在本类网格的外边界上，外边界须保持不变。",
        "This node is on the outer border of the layer, which stays as it is.",
    ),
    "plan_node_crosses": (
        "放在这里，边界会互相交叉或接触，请放到别处。",
        "Borders would cross or touch one another there. Put it elsewhere.",
    ),
    "plan_node_junction": (
        "三条或更多边界在此相交，不能删除，可以移动。",
        "Three borders or more meet here: move the node instead of removing it.",
    ),
    "plan_line_crosses": (
        "线与自身交叉。请退一点或几点再画。",
        "The line crosses itself. Take a point or two back.",
    ),
    "plan_sweep_crosses": ("线与自身交叉，请重新圈画。", "The line crosses itself. Draw around it again."),
    "plan_split_nothing": ("线没有落在任何网格内。", "The line lies in no grid."),
    "plan_reshape_ends": (
        "起点和终点应在同两个网格的公共边界上。靠近边界时会自动吸附。",
        "Both ends must lie on the border of the same two grids; near it they snap to it.",
    ),
    "plan_building_none": ("这里没有已知的楼栋。", "No building is known here."),
    "plan_building_unknown": (
        "该楼栋只有轮廓，没有编码，请改用圈画。",
        "This building has an outline only and no code: draw around it instead.",
    ),
    "plan_closer": ("放大地图后可修改边界。", "Zoom in to change borders."),
    "plan_loading": ("正在读取精确边界…", "Fetching the exact borders …"),
    "plan_failed": ("读取不到精确边界，正在重试。", "The exact borders cannot be had. Trying again."),
    "plan_refused": ("未能完成，草案没有变化。", "It could not be done; the draft is as before."),
    "plan_offline": ("连接不上服务，草案没有变化。", "The service cannot be reached; the draft is as before."),
    "plan_overtaken": (
        "{names}刚修改了{grids}，请看过之后再改。您的这一步没有执行。",
        "{names} has just changed {grids}. Look first, then try again; your step was not done.",
    ),
    "plan_allow_parts": ("允许分成几块", "Allow several parts"),
    "plan_no_undo": ("没有可撤销的步骤。", "There is nothing to undo."),
    "plan_no_redo": ("没有可重做的步骤。", "There is nothing to redo."),
    "plan_did_undo": ("已撤销：{what}", "Undone: {what}"),
    "plan_did_redo": ("已重做：{what}", "Done again: {what}"),
    "plan_node_told": ("节点 {place} / {count}，{kind}。", "Node {place} of {count}, {kind}."),
    "plan_node_is_bend": ("边界转折点", "where the border bends"),
    "plan_node_is_junction": ("边界交汇点", "where borders meet"),
    "plan_node_is_fixed": ("外边界上，不能移动", "on the outer border, which stays"),
    # Keys
    "plan_key_enter": (
        "完成画线、确定移动；选择时选中十字处",
        "Ends a line, puts a node down, chooses at the cross",
    ),
    "plan_key_space": ("在十字处加一点；按住时拖动即移动地图", "Sets a point at the cross; held, a drag moves the map"),
    "plan_key_backspace": ("退回最后一点", "Takes the last point back"),
    "plan_key_escape": ("放弃正在做的，再按回到选择", "Gives up what is begun, then goes back to choosing"),
    "plan_key_tab": ("节点工具：到所选网格的下一个节点", "With the nodes tool: the next node of the chosen grid"),
    "plan_key_arrows": (
        "移动选中的节点 1 米，Shift 为 10 米；否则移动地图",
        "Move the chosen node by 1 m, with Shift by 10 m; else the map",
    ),
    "plan_key_delete": ("删除选中的节点", "Takes the chosen node out"),
    "plan_key_alt": ("按住时不吸附", "Held: nothing snaps"),
    "plan_key_shift": ("多选；拖动圈选", "Chooses more; a drag draws around them"),
    "plan_key_undo": ("撤销", "Undo"),
    "plan_key_redo": ("重做", "Redo"),
    "plan_key_help": ("显示本列表", "Shows this list"),
}
