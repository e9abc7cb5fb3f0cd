"""A headless Chromium to test pages with; each run has a new, empty profile."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MISSING = "Chromium is not installed (Debian: chromium), so pages cannot be tested"
_TIMEOUT_SECONDS = 600
_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
)
_DARK = "--blink-settings=preferredColorScheme=0"
# Each page is in its own frame, whose width is the width for the page's media queries.
_HARNESS = """<!DOCTYPE html><meta charset="utf-8"><body><script>
const pages = PAGES, widths = WIDTHS, found = {};
const linear = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
const parts = text => text.match(/[\\d.]+/g).map(Number);
function behind(view, element) {
  for (let e = element; e; e = e.parentElement) {
    const colour = parts(view.getComputedStyle(e).backgroundColor);
    if (colour.length < 4 || colour[3] === 1) return colour.slice(0, 3);
    if (colour[3] !== 0) throw new Error("half transparent: " + e.outerHTML.slice(0, 80));
  }
  return [255, 255, 255];
}
function look(view) {
  const page = view.document, root = page.documentElement, faint = [], seen = {};
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  let texts = 0;
  for (let node; (node = walker.nextNode());) {
    if (!node.data.trim()) continue;
    const element = node.parentElement, style = view.getComputedStyle(element);
    const one = light(parts(style.color).slice(0, 3)), two = light(behind(view, element));
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    texts += 1;
    if (ratio < 4.5) faint.push(ratio.toFixed(2) + " " + element.tagName + "." + element.className + " " + node.data.trim().slice(0, 40));
  }
  return {
    width: root.clientWidth, needs: root.scrollWidth, texts, faint,
    wide: [...page.querySelectorAll("body *")].filter(e => !e.closest(".scroll, .unseen, thead") && e.getBoundingClientRect().right > root.clientWidth + 1).map(e => e.tagName + "." + e.className),
    background: view.getComputedStyle(page.body).backgroundColor,
    headings: [...page.querySelectorAll("h1,h2,h3,h4")].map(h => h.tagName),
    landmarks: ["header", "nav", "main", "footer"].map(name => page.querySelectorAll("body > " + name).length),
    scripts: page.scripts.length, title: page.title,
  };
}
let open = 0;
for (const [name, page] of Object.entries(pages)) for (const width of widths) {
  const frame = document.createElement("iframe");
  frame.style = `border: 0; height: 900px; width: ${width}px`;
  frame.srcdoc = page;
  open += 1;
  frame.onload = () => {
    try { found[name + " " + width] = look(frame.contentWindow); } catch (error) { found[name + " " + width] = {error: String(error)}; }
    if (--open === 0) { document.body.textContent = ""; document.body.append("FOUND" + JSON.stringify(found) + "FOUND"); }
  };
  document.body.append(frame);
}
</script>"""  # noqa: E501 - a page's script


@dataclass(frozen=True)
class Seen:
    """The output of a run of Chromium."""

    output: str
    console: list[str]


def look_at(pages: dict[str, str], widths: tuple[int, ...], *, dark: bool = False) -> tuple[dict[str, Any], list[str]]:
    """Return the look of every page at every width, by "<name> <width>", and the console's lines."""
    script = _HARNESS.replace("PAGES", json.dumps(pages).replace("</", "<\\/")).replace("WIDTHS", json.dumps(widths))
    scheme = (_DARK,) if dark else ()
    seen = _run(script, "--dump-dom", "--virtual-time-budget=20000", "--window-size=1600,1200", *scheme)
    answer = re.search(r"FOUND(\{.*\})FOUND", seen.output, re.DOTALL)
    assert answer, f"the pages could not be rendered: {seen.output[-2000:]} {seen.console}"
    return json.loads(answer[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")), seen.console


def print_page(page: str) -> tuple[bytes, list[str]]:
    """Return the page printed to PDF, and the console's lines."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "page.pdf")
        seen = _run(page, f"--print-to-pdf={target}", "--no-pdf-header-footer")
        return target.read_bytes(), seen.console


def _run(page: str, *options: str) -> Seen:
    assert PROGRAM is not None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.html")
        path.write_text(page, encoding="utf-8")
        command = [PROGRAM, *_QUIET, f"--user-data-dir={folder}/profile", *options, path.as_uri()]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS)
    assert done.returncode == 0, done.stderr
    return Seen(done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line])
