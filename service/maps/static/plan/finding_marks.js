// Findings that have a place, as marks on the map.

import { project, unproject } from "../model.js";
import { MARK_PIXELS, paintFindings } from "./overlay.js";

const SLACK_PIXELS = 3;

export class FindingMarks {
  constructor(map) {
    Object.assign(this, { map, items: [] });
  }

  set(findings) {
    const placed = findings.filter(({ lon, lat }) => Number.isFinite(lon) && Number.isFinite(lat));
    this.items = placed.map((finding) => ({ severity: finding.severity, finding, at: project(finding.lon, finding.lat) }));
  }

  // The finding at a place of the window, or null.
  at({ x, y }) {
    const isNear = ({ at }) => {
      const [lon, lat] = unproject(...at);
      const mark = this.map.latLngToContainerPoint([lat, lon]);
      return Math.hypot(mark.x - x, mark.y - y) <= MARK_PIXELS + SLACK_PIXELS;
    };
    return this.items.find(isNear)?.finding ?? null;
  }

  paint(context, view) {
    paintFindings(context, view, this.items);
  }
}
