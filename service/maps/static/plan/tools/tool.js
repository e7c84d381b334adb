// What every tool has. A place under the pointer: {lon, lat, x, y, point, shift, ctrl, alt, reach, snap}; x, y are world
// pixels at zoom 0, point is that of the map's window, reach how much farther than a mouse it reaches, snap what it is
// drawn to, or null.

export const HERE = { x: 0, y: 0 };

export class Tool {
  cursor = "crosshair";

  // Whether the tool works on exact borders, which are there only near enough.
  exact = true;

  // Whether places under the pointer are drawn to what is near.
  snaps = false;

  // What is held lies so many pixels from the pointer.
  apart = HERE;

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

  // The drag that was taken is none: a second finger came, or the system took it.
  lost() {}

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
