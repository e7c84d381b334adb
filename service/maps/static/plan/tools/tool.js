// What every tool has. A place under the pointer: {lon, lat, x, y, point, shift, ctrl, alt, snap}; x, y are world pixels
// at zoom 0, point is that of the map's window, snap what it is drawn to, or null.

export class Tool {
  cursor = "crosshair";

  // Whether the tool works on exact borders, which are there only near enough.
  exact = true;

  // Whether places under the pointer are drawn to what is near.
  snaps = false;

  // A node that holds nothing itself.
  but = null;

  constructor(plan) {
    this.plan = plan;
  }

  begin() {}

  end() {}

  move() {}

  // Whether it takes the drag that begins there; else the map is moved.
  down() {
    return false;
  }

  drag() {}

  drop() {}

  click() {}

  double() {}

  finish() {}

  // Takes the last thing back; whether there was one.
  back() {
    return false;
  }

  // Gives up what is begun; whether anything was.
  cancel() {
    return false;
  }

  key() {
    return false;
  }

  paint() {}

  get hint() {
    return "";
  }

  // Buttons that belong to the tool: [{name, text, pressed, disabled, act}].
  get choices() {
    return [];
  }
}
