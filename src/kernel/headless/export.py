"""A notebook as one HTML file that needs no network."""

from jinja2 import DictLoader, pass_context
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

# What nbconvert's template would fetch from the network is left out. Formulas stay as TeX in the
# script elements that are MathJax's convention; formulas.ts draws them.
TEMPLATE = """
{%- extends "index.html.j2" -%}
{%- block html_head_js_requirejs -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block html_head_css -%}
<style>.jp-RenderedSVG img { height: auto; max-width: 100%; }</style>
{%- if resources.plotly %}
<script>{{ resources.plotly }}</script>
{%- endif -%}
{%- endblock -%}
{%- block data_latex -%}
<div class="jp-RenderedLatex jp-OutputArea-output">{{ output.data["text/latex"] | tex }}</div>
{%- endblock -%}
"""


FIGURE = "application/vnd.plotly.v1+json"


def formula(tex, display):
    """The element that stands for a formula."""
    mode = "; mode=display" if display else ""
    return f'<script type="math/tex{mode}">{tex.replace("</", "<{}/")}</script>'


class Renderer(IPythonRenderer):
    """Markdown to HTML with each formula in an element of its own."""

    def block_math(self, body):
        return formula(body, display=True)

    def inline_math(self, body):
        return formula(body, display=False)

    def latex_environment(self, name, body):
        return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", display=True)


class Exporter(HTMLExporter):
    """nbconvert's HTML exporter with the renderer above."""

    @pass_context
    def markdown2html(self, context, source):
        attachments = context.get("cell", {}).get("attachments", {})
        path = context.get("resources", {}).get("metadata", {}).get("path", "")
        renderer = Renderer(
            escape=False,
            attachments=attachments,
            embed_images=True,
            path=path,
            anchor_link_text="¶",
        )
        return MarkdownWithMath(renderer=renderer).render(source)


def tex_output(text):
    """A text/latex output: TeX between dollars."""
    text = text.strip()
    display = text.startswith("$$") or not text.startswith("$")
    return formula(text.strip("$"), display)


def has_charts(notebook):
    """Whether an output has a figure of plotly's, which its HTML makes a live chart of."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return any(FIGURE in output.get("data", {}) for output in outputs)


def to_html(notebook, folder, title, plotly):
    """The notebook as HTML; pictures that its text names lie in `folder`, and plotly, which is
    put in once when there are charts, in the file `plotly`.
    """
    exporter = Exporter(
        extra_loaders=[DictLoader({"report.html.j2": TEMPLATE})],
        template_file="report.html.j2",
        filters={"tex": tex_output},
    )
    resources = {"metadata": {"name": title, "path": folder}}
    if has_charts(notebook):
        with open(plotly, encoding="utf-8") as file:
            resources["plotly"] = file.read()
    html, _ = exporter.from_notebook_node(notebook, resources)
    return html
