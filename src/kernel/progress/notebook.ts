import { randomUUID } from "node:crypto";
import { currentCell } from "../context";
import type { Link } from "../wire/link";
import type { Picture } from "./group";
import { htmlOf } from "./html";
import type { Place } from "./progress";
import { earlierLine, textLines } from "./text";

/** Bars below the cell that made them, however late they move. They stay when the cell fails, as stopped. */
export function notebook(link: Pick<Link, "publish">): Place {
  return {
    key: () => currentCell()?.header.msg_id ?? "",
    open(stop) {
      const cell = currentCell();
      cell?.onFailure.add(stop);
      // What runs notebooks in a terminal knows bars by the beginning.
      const transient = { display_id: `progress-${randomUUID()}` };
      let isThere = false;
      const draw = (picture: Picture) => {
        const type = isThere ? "update_display_data" : "display_data";
        const data = { "text/plain": textOf(picture), "text/html": htmlOf(picture) };
        link.publish({ type, content: { data, metadata: {}, transient }, parent: cell?.header });
        isThere = true;
      };
      return { view: { draw }, close: () => void cell?.onFailure.delete(stop) };
    },
  };
}

function textOf({ rows, earlier, final }: Picture): string {
  const all = final ? [...earlier, ...rows] : rows;
  return [...(final ? [] : earlierLine(earlier)), ...textLines(all)].join("\n");
}
