/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "report/ogi_figure.h"
#include "report/ogi_page.h"
#include "report/ogi_report.h"
#include "report/ogi_svg.h"

/* The page being written: every part takes it whole. */
typedef struct page {
  FILE *f;
  const og_results *r;
  const ogi_energy *sum;
  const char *folder;
  og_error *err;
} page;

const char ogi_page_style[] =
    ":root{color-scheme:light dark;--ink:#1c2430;--soft:#5a6675;--line:#d9dee5;--paper:#fff;--wash:#f4f6f9;"
    "--link:#0060a0;--good:#00694f;--bad:#b03a00}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#a3aebc;--line:#38414d;--paper:#14181e;"
    "--wash:#1d232b;--link:#6cb8ef;--good:#4cc9a0;--bad:#ff9257}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:16px/1.5 system-ui,'Helvetica Neue',Arial,sans-serif}\n"
    "main,header,footer{max-width:70rem;margin:0 auto;padding:0 1.5rem}\n"
    "header{padding-top:2.5rem}\n"
    "h1{font-size:2rem;line-height:1.2;margin:.2rem 0 .4rem;overflow-wrap:anywhere}\n"
    "h2{font-size:1.35rem;margin:3rem 0 .6rem;padding-top:.8rem;border-top:2px solid var(--line)}\n"
    "h3{font-size:1.02rem;margin:1.8rem 0 .4rem}\n"
    "p{margin:.5rem 0 .9rem;max-width:46rem}\n"
    "a{color:var(--link)}\n"
    "sup{font-size:.7em;line-height:0}\n"
    ".pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(27rem,100%),1fr));gap:0 2.5rem}\n"
    ".kicker,.lead,.note,figcaption,caption,footer,dd small{color:var(--soft)}\n"
    ".kicker{margin:0;letter-spacing:.04em}\n"
    ".note,figcaption,caption,footer{font-size:.9rem}\n"
    "nav{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:.8rem 0 0;font-size:.95rem}\n"
    "dl.key{display:grid;grid-template-columns:repeat(auto-fit,minmax(11.5rem,1fr));gap:.8rem;margin:1.6rem 0 0}\n"
    "dl.key>div{background:var(--wash);border:1px solid var(--line);border-radius:.5rem;padding:.85rem 1rem}\n"
    "dl.key dt{font-size:.88rem;color:var(--soft)}\n"
    "dl.key dd{margin:.1rem 0 0;font-size:1.5rem;font-weight:650;line-height:1.3}\n"
    "dl.key dd small{display:block;font-size:.85rem;font-weight:400;line-height:1.4;margin-top:.15rem}\n"
    ".pass{color:var(--good);font-weight:650}.fail{color:var(--bad);font-weight:650}\n"
    "figure{margin:1.2rem 0;break-inside:avoid}\n"
    "figure .card{background:#fff;border:1px solid var(--line);border-radius:.5rem;padding:.6rem}\n"
    "figure svg{display:block;width:100%;max-width:55rem;height:auto;margin:0 auto}\n"
    "figure svg g,figure svg tspan{font-family:inherit}\n"
    "figcaption{margin-top:.5rem;max-width:46rem}\n"
    ".scroll{overflow-x:auto;margin:.8rem 0}\n"
    "table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}\n"
    "caption{text-align:left;padding-bottom:.4rem}\n"
    "th,td{padding:.36rem .55rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap;"
    "vertical-align:top}\n"
    "thead th{border-bottom:2px solid var(--soft);vertical-align:bottom;font-weight:600}\n"
    "tbody th{font-weight:400}\n"
    "th:first-child,td.text,th.text{text-align:left}\n"
    "tr.sum>*{font-weight:650;background:var(--wash)}\n"
    "ol.sources{font-size:.9rem;padding-left:1.6rem;overflow-wrap:anywhere}ol.sources li{margin:.3rem 0}\n"
    "ul.notes li{margin:.35rem 0;max-width:46rem}\n"
    "pre{background:var(--wash);border:1px solid var(--line);border-radius:.5rem;padding:1rem;overflow-x:auto;"
    "font:.85rem/1.45 ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace}\n"
    "summary{cursor:pointer;color:var(--link)}\n"
    "footer{padding-top:1rem;padding-bottom:3rem;margin-top:3rem;border-top:1px solid var(--line)}\n"
    "@media(max-width:40rem){main,header,footer{padding-left:.9rem;padding-right:.9rem}h1{font-size:1.6rem}"
    "figure .card{padding:.2rem}dl.key{grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.6rem}"
    "dl.key dd{font-size:1.3rem}}\n"
    "@media print{body{font-size:11pt}nav{display:none}h2{break-after:avoid}tr{break-inside:avoid}"
    ".scroll{overflow:visible}th,td{white-space:normal}}\n";

/* --- small pieces ------------------------------------------------------------------------------------------------- */

/* An element whose name has two letters; attributes may follow the name. */
static void text_cell(const page *p, const char *tag, const char *text) {
  fprintf(p->f, "<%s>", tag);
  ogi_escape(p->f, text);
  fprintf(p->f, "</%.2s>", tag);
}

/* 23.9e-15 as 2.4 x 10^-14. */
static void power_of_ten(FILE *f, double x) {
  char text[32];
  snprintf(text, sizeof text, "%.1e", x);
  char *e = strchr(text, 'e');
  if (e == NULL || x == 0) {
    fputs(x == 0 ? "0" : "n/a", f);
    return;
  }
  const char *digits = e + 2 + strspn(e + 2, "0");
  fprintf(f, "%.*s&nbsp;×&nbsp;10<sup>%s%s</sup>", (int)(e - text), text, e[1] == '-' ? "−" : "",
          *digits == '\0' ? "0" : digits);
}

/* A count with thin spaces between thousands; what is no whole number as %.4g. */
static void count(FILE *f, double x) {
  char digits[32];
  if (!isfinite(x)) {
    fputs("n/a", f);
    return;
  }
  if (x < 0 || x >= 1e15 || x != floor(x)) {
    fprintf(f, "%.4g", x);
    return;
  }
  size_t length = (size_t)snprintf(digits, sizeof digits, "%.0f", x);
  for (size_t i = 0; i < length; i++) fprintf(f, i > 0 && (length - i) % 3 == 0 ? "\u202f%c" : "%c", digits[i]);
}

/* "12.3 nJ" with a space that does not break. */
static void quantity(FILE *f, double x, const char *unit) {
  ogi_text t = ogi_eng(x, unit, OGI_UTF8);
  char *space = strchr(t.s, ' ');
  if (space == NULL) {
    fputs("n/a", f);
    return;
  }
  *space = '\0';
  fprintf(f, "%s&nbsp;%s", t.s, space + 1);
}

static void percent_cell(FILE *f, double fraction, int decimals) {
  if (isfinite(fraction))
    fprintf(f, "<td>%s</td>", ogi_percent(fraction, decimals).s);
  else
    fputs("<td>–</td>", f);
}

/* A share of the whole in percent; one that would read 0.0 says so. */
static void share_cell(FILE *f, double share) {
  if (share > 0 && share < 0.0005)
    fputs("<td>&lt;&nbsp;0.1</td>", f);
  else
    percent_cell(f, share, 1);
}

static void energy_cell(FILE *f, double joule) {
  fputs("<td>", f);
  quantity(f, joule, "J");
  fputs("</td>", f);
}

static void power_cell(FILE *f, double x) {
  fputs("<td>", f);
  power_of_ten(f, x);
  fputs("</td>", f);
}

static void verdict(FILE *f, int passed) {
  fprintf(f, "<span class=\"%s\">%s</span>", passed ? "pass" : "fail", passed ? "pass" : "FAIL");
}

/* A plot from the folder; begins a figure whose caption the caller writes and whose end is figure_end. */
static og_status figure_begin(const page *p, const char *name, const char *prefix, const char *label) {
  og_status st;
  char *svg = NULL, *path = ogi_path_join(p->folder, name);
  size_t length;
  if (path == NULL) return ogi_fail(p->err, OG_E_NOMEM, "%s", name);
  OGI_TRY(st, ogi_file_read(&svg, &length, path, 0, p->err));
  fputs("<figure><div class=\"card\">", p->f);
  ogi_svg_inline(p->f, svg, prefix, label);
  fputs("</div>\n<figcaption>", p->f);
done:
  ogi_free(svg);
  ogi_free(path);
  return st;
}

static void figure_end(const page *p) { fputs("</figcaption></figure>\n", p->f); }

/* --- headline ----------------------------------------------------------------------------------------------------- */

static void network(const page *p) {
  for (size_t i = 0; p->r->extent != NULL && i <= p->r->layers; i++)
    fprintf(p->f, i > 0 ? " – %zu" : "%zu", p->r->extent[i]);
}

static void head(const page *p) {
  const og_results *r = p->r;
  fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n", p->f);
  fputs("<title>", p->f);
  ogi_escape(p->f, r->study);
  fprintf(p->f, " – ohmgrid report</title>\n<style>\n%s</style>\n</head>\n<body>\n<header>\n", ogi_page_style);
  fputs("<p class=\"kicker\">ohmgrid report</p>\n<h1>", p->f);
  ogi_escape(p->f, r->study);
  fputs("</h1>\n<p class=\"lead\">Network ", p->f);
  network(p);
  fputs(" on crossbars of ", p->f);
  ogi_escape(p->f, r->device);
  fputs(" cells: ", p->f);
  count(p->f, (double)r->arrays);
  fputs(" arrays in ", p->f);
  count(p->f, (double)r->tiles);
  fputs(" differential tile pairs. Data: ", p->f);
  ogi_escape(p->f, r->data);
  fputs(", ", p->f);
  count(p->f, (double)r->test_images);
  fputs(" test images.</p>\n", p->f);
}

static void navigation(const page *p) {
  fputs("<nav aria-label=\"Parts of the report\">", p->f);
  if (ogi_has_accuracy(p->r)) fputs("<a href=\"#accuracy\">Accuracy</a> ", p->f);
  if (ogi_has_energy(p->r)) fputs("<a href=\"#energy\">Energy</a> ", p->f);
  if (ogi_has_ir_drop(p->r)) fputs("<a href=\"#ir-drop\">IR drop</a> ", p->f);
  if (ogi_has_conductance(p->r)) fputs("<a href=\"#conductance\">Conductances</a> ", p->f);
  fputs("<a href=\"#check\">Cross-check</a> <a href=\"#notes\">Notes</a> <a href=\"#study\">Study</a></nav>\n", p->f);
}

static void key_accuracy(const page *p) {
  const og_accuracy_row *reference = ogi_accuracy_find(p->r, "float"), *all = ogi_accuracy_find(p->r, "all");
  if (reference != NULL) {
    fprintf(p->f, "<div><dt>Accuracy, floating point</dt><dd>%s&nbsp;%%<small>the reference, no analog effect</small>"
            "</dd></div>\n", ogi_percent(reference->mean, 2).s);
  }
  if (all == NULL) return;
  fprintf(p->f, "<div><dt>Accuracy, all effects</dt><dd>%s&nbsp;%%<small>", ogi_percent(all->mean, 2).s);
  if (isfinite(all->ci95)) fprintf(p->f, "±&nbsp;%s&nbsp;%% (95&nbsp;%%) over ", ogi_percent(all->ci95, 2).s);
  fprintf(p->f, "%zu trial%s; test set ±&nbsp;%s&nbsp;%%</small></dd></div>\n", all->trials,
          all->trials == 1 ? "" : "s", ogi_percent(all->test_ci95, 2).s);
}

static void key_energy(const page *p) {
  if (!ogi_has_energy(p->r)) return;
  fputs("<div><dt>Energy per inference</dt><dd>", p->f);
  quantity(p->f, p->r->joule_per_inference, "J");
  fputs("<small>", p->f);
  count(p->f, p->r->macs_per_inference);
  fputs(" multiply-accumulates (MAC)</small></dd></div>\n<div><dt>Energy per MAC</dt><dd>", p->f);
  quantity(p->f, p->sum->joule_per_mac, "J");
  fprintf(p->f, "<small>equal to %.3g&nbsp;TOPS/W at 2&nbsp;operations a MAC</small></dd></div>\n",
          p->sum->tops_per_watt);
}

static double check_compared(const og_results *r) {
  double sum = 0;
  for (size_t i = 0; i < r->check_rows; i++) sum += (double)r->check[i].result.compared;
  return sum;
}

static void key_check(const page *p) {
  const og_results *r = p->r;
  fputs("<div><dt>Deviation from ngspice</dt><dd>", p->f);
  if (r->check_rows == 0) {
    fputs("–<small>no tile was cross-checked</small></dd></div>\n", p->f);
    return;
  }
  double worst = ogi_check_worst(r);
  power_of_ten(p->f, worst);
  fputs("<small>worst of ", p->f);
  count(p->f, check_compared(r));
  fputs(" values; ", p->f);
  verdict(p->f, worst <= r->check_rtol);
  fputs(" at tolerance ", p->f);
  power_of_ten(p->f, r->check_rtol);
  fputs("</small></dd></div>\n", p->f);
}

static void headline(const page *p) {
  head(p);
  navigation(p);
  fputs("<dl class=\"key\">\n", p->f);
  key_accuracy(p);
  key_energy(p);
  key_check(p);
  fputs("</dl>\n</header>\n<main>\n", p->f);
}

/* --- accuracy ----------------------------------------------------------------------------------------------------- */

static void accuracy_table(const page *p) {
  FILE *f = p->f;
  fputs("<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Effect</th><th scope=\"col\">Accuracy<br>(%)</th>"
        "<th scope=\"col\">95&nbsp;% interval,<br>trials (±&nbsp;%)</th><th scope=\"col\">Std of trials<br>(%)</th>"
        "<th scope=\"col\">95&nbsp;% interval,<br>test set (±&nbsp;%)</th><th scope=\"col\">Loss<br>(points)</th>"
        "<th scope=\"col\">Trials</th><th scope=\"col\">ADC at<br>its end (%)</th>"
        "<th scope=\"col\">DAC<br>clipped (%)</th></tr></thead>\n<tbody>\n", f);
  for (size_t i = 0; i < p->r->accuracy_rows; i++) {
    const og_accuracy_row *a = &p->r->accuracy[i];
    fprintf(f, "<tr%s>", strcmp(a->key, "all") == 0 ? " class=\"sum\"" : "");
    text_cell(p, "th scope=\"row\"", a->label);
    percent_cell(f, a->mean, 2);
    percent_cell(f, a->ci95, 2);
    percent_cell(f, a->std, 2);
    percent_cell(f, a->test_ci95, 2);
    percent_cell(f, a->loss, 2);
    fprintf(f, "<td>%zu</td>", a->trials);
    percent_cell(f, a->adc_saturated, 3);
    percent_cell(f, a->dac_clipped, 3);
    fputs("</tr>\n", f);
  }
  fputs("</tbody></table></div>\n", f);
}

static og_status accuracy(const page *p) {
  if (!ogi_has_accuracy(p->r)) return OG_OK;
  og_status st;
  fputs("<section id=\"accuracy\"><h2>Accuracy by effect</h2>\n", p->f);
  OGI_TRY(st, figure_begin(p, "accuracy.svg", "acc-", "Plot: accuracy by effect with intervals; the table below "
                           "has the same numbers"));
  fputs("Each effect alone, then all together. Dots: mean; dark bars: 95&nbsp;% interval of the mean over programming "
        "trials; light boxes: one standard deviation of the trials; grey dots: single trials; dashed: floating point.",
        p->f);
  figure_end(p);
  accuracy_table(p);
  fputs("<p class=\"note\">Intervals over trials use Student’s t and tell how well the mean over chips is known; the "
        "test-set interval tells how far a finite test set can be from the whole population.", p->f);
  if (isfinite(p->r->train_accuracy))
    fprintf(p->f, " The floating-point network reaches %s&nbsp;%% on its training set.",
            ogi_percent(p->r->train_accuracy, 2).s);
  fputs("</p></section>\n", p->f);
done:
  return st;
}

/* --- energy ------------------------------------------------------------------------------------------------------- */

static void energy_parts(const page *p, const char *what, const ogi_energy_part *part, size_t rows) {
  double total = p->r->joule_per_inference;
  fprintf(p->f, "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">%s</th>"
          "<th scope=\"col\">Energy per<br>inference</th><th scope=\"col\">Energy<br>per MAC</th>"
          "<th scope=\"col\">Share (%%)</th></tr></thead>\n<tbody>\n", what);
  for (size_t i = 0; i <= rows; i++) {
    double joule = i < rows ? part[i].joule : total;
    fputs(i < rows ? "<tr>" : "<tr class=\"sum\">", p->f);
    text_cell(p, "th scope=\"row\"", i < rows ? part[i].label : "total");
    energy_cell(p->f, joule);
    energy_cell(p->f, joule / p->r->macs_per_inference);
    share_cell(p->f, joule / total);
    fputs("</tr>\n", p->f);
  }
  fputs("</tbody></table></div>\n", p->f);
}

/* Number of a row's source among the different sources, from 1; *is_first tells whether it is new here. */
static size_t source_number(const og_results *r, size_t row, int *is_first) {
  size_t number = 0;
  for (size_t i = 0; i <= row; i++) {
    size_t before = 0;
    while (before < i && strcmp(r->energy[before].source, r->energy[i].source) != 0) before++;
    int is_new = before == i;
    number += (size_t)is_new;
    if (i < row && strcmp(r->energy[i].source, r->energy[row].source) == 0) {
      *is_first = 0;
      return number;
    }
    if (i == row) *is_first = is_new;
  }
  return number;
}

/* Number of rows from this one on that share its layer; 0 if the row before does too. */
static size_t layer_span(const og_results *r, size_t row) {
  size_t end = row;
  if (row > 0 && strcmp(r->energy[row - 1].layer, r->energy[row].layer) == 0) return 0;
  while (end < r->energy_rows && strcmp(r->energy[end].layer, r->energy[row].layer) == 0) end++;
  return end - row;
}

static void energy_row(const page *p, size_t i) {
  const og_energy_row *e = &p->r->energy[i];
  int is_first;
  size_t source = source_number(p->r, i, &is_first);
  size_t span = layer_span(p->r, i);
  fputs("<tr>", p->f);
  if (span > 0) {
    char tag[64];
    snprintf(tag, sizeof tag, "th scope=\"rowgroup\" rowspan=\"%zu\"", span);
    text_cell(p, tag, e->layer);
  }
  text_cell(p, "td class=\"text\"", ogi_block_label(e->block));
  fputs("<td>", p->f);
  count(p->f, e->count);
  fputs("</td>", p->f);
  energy_cell(p->f, e->joule_each);
  energy_cell(p->f, e->joule);
  share_cell(p->f, e->joule / p->r->joule_per_inference);
  fprintf(p->f, "<td><a href=\"#source-%zu\">[%zu]</a></td></tr>\n", source, source);
}

static void energy_details(const page *p) {
  const og_results *r = p->r;
  fputs("<h3>Every layer, every block</h3>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Layer</th>"
        "<th scope=\"col\" class=\"text\">Block</th><th scope=\"col\">Operations<br>of the block</th>"
        "<th scope=\"col\">Energy<br>of one</th><th scope=\"col\">Energy<br>per inference</th>"
        "<th scope=\"col\">Share (%)</th><th scope=\"col\">Source</th></tr></thead>\n<tbody>\n", p->f);
  for (size_t i = 0; i < r->energy_rows; i++) energy_row(p, i);
  fputs("<tr class=\"sum\"><th scope=\"row\" colspan=\"4\">total</th>", p->f);
  energy_cell(p->f, r->joule_per_inference);
  fputs("<td>100.0</td><td></td></tr>\n</tbody></table></div>\n<h3>Sources of the energies</h3>\n"
        "<ol class=\"sources\">\n", p->f);
  for (size_t i = 0; i < r->energy_rows; i++) {
    int is_first;
    size_t number = source_number(r, i, &is_first);
    if (!is_first) continue;
    fprintf(p->f, "<li id=\"source-%zu\">", number);
    ogi_escape(p->f, r->energy[i].source);
    fputs("</li>\n", p->f);
  }
  fputs("</ol>\n", p->f);
}

/* Apart from the table: it happens once, not at every inference. */
static void programming(const page *p) {
  const og_results *r = p->r;
  if (!(r->program_joule_each > 0)) return;
  fputs("<p>Programming the arrays once takes ", p->f);
  quantity(p->f, r->program_cells * r->program_joule_each, "J");
  fputs(": ", p->f);
  count(p->f, r->program_cells);
  fputs(" cells of ", p->f);
  quantity(p->f, r->program_joule_each, "J");
  fputs(" each, not part of an inference. Source: ", p->f);
  ogi_escape(p->f, r->program_source);
  fputs("</p>\n", p->f);
}

static og_status energy(const page *p) {
  if (!ogi_has_energy(p->r)) return OG_OK;
  og_status st;
  fputs("<section id=\"energy\"><h2>Energy of one inference</h2>\n<p>One inference takes ", p->f);
  count(p->f, p->r->macs_per_inference);
  fputs(" multiply-accumulates (MAC), the sum of inputs times outputs over the layers. <strong>A MAC counts as two "
        "operations</strong>, a multiplication and an addition, so ", p->f);
  quantity(p->f, p->r->joule_per_inference, "J");
  fprintf(p->f, " per inference equal %.3g&nbsp;TOPS/W. The energy of the arrays is what their drivers deliver in the "
          "solved circuit; each block around them costs its number of operations times the published energy of one."
          "</p>\n", p->sum->tops_per_watt);
  OGI_TRY(st, figure_begin(p, "energy.svg", "en-", "Plot: energy per inference by layer, stacked by block, and "
                           "by block alone"));
  fputs("Energy per inference. Colours are the same above and below.", p->f);
  figure_end(p);
  fputs("<div class=\"pair\">\n", p->f);
  energy_parts(p, "Block", p->sum->block, p->sum->blocks);
  energy_parts(p, "Layer", p->sum->layer, p->sum->layers);
  fputs("</div>\n", p->f);
  programming(p);
  energy_details(p);
  fputs("</section>\n", p->f);
done:
  return st;
}

/* --- arrays ------------------------------------------------------------------------------------------------------- */

static og_status ir_drop(const page *p) {
  const og_results *r = p->r;
  if (!ogi_has_ir_drop(r)) return OG_OK;
  og_status st;
  ogi_span span = ogi_span_of(r->map_cell_drop, r->map_m * r->map_n);
  fputs("<section id=\"ir-drop\"><h2>IR drop in one array</h2>\n", p->f);
  OGI_TRY(st, figure_begin(p, "ir_drop.svg", "ir-", "Heat map: share of the driver voltage lost before each cell"));
  fputs("Array of ", p->f);
  ogi_escape(p->f, r->map_name);
  fprintf(p->f, ", %zu&nbsp;×&nbsp;%zu cells: share of the driver voltage that a cell does not get because of the "
          "wires. Mean %s&nbsp;%%, worst %s&nbsp;%%.", r->map_m, r->map_n, ogi_percent(span.mean, 2).s,
          ogi_percent(span.max, 2).s);
  figure_end(p);
  fputs("</section>\n", p->f);
done:
  return st;
}

static og_status conductance(const page *p) {
  const og_results *r = p->r;
  if (!ogi_has_conductance(r)) return OG_OK;
  og_status st;
  double square = 0;
  for (size_t i = 0; i < r->cells; i++) {
    double error = r->cell_programmed_siemens[i] - r->cell_target_siemens[i];
    square += error * error / (double)r->cells;
  }
  fputs("<section id=\"conductance\"><h2>Programmed conductances</h2>\n", p->f);
  OGI_TRY(st, figure_begin(p, "conductance.svg", "co-", "Histogram of target and programmed conductances, and the "
                           "programming error by target"));
  fputs("Cells of ", p->f);
  ogi_escape(p->f, r->cells_name);
  fputs(" (", p->f);
  count(p->f, (double)r->cells);
  fputs(") after one programming trial. Above: targets and what was programmed, logarithmic count. Below: mean and "
        "standard deviation of programmed minus target. Root mean square over all cells: ", p->f);
  quantity(p->f, sqrt(square), "S");
  fputs(".", p->f);
  figure_end(p);
  fputs("</section>\n", p->f);
done:
  return st;
}

/* --- cross-check -------------------------------------------------------------------------------------------------- */

static void check_row(const page *p, const og_check_row *c) {
  FILE *f = p->f;
  const char *unit = c->result.worst_node[0] == 'i' ? "A" : "V";
  fputs("<tr>", f);
  text_cell(p, "th scope=\"row\"", c->name);
  fprintf(f, "<td>%zu&nbsp;×&nbsp;%zu</td><td>%zu</td><td>", c->m, c->n, c->inputs);
  count(f, (double)c->result.compared);
  fputs("</td>", f);
  power_cell(f, c->result.worst_current);
  power_cell(f, c->result.worst_voltage);
  text_cell(p, "td class=\"text\"", c->result.worst_node);
  fprintf(f, "<td>%.9g&nbsp;%s</td><td>%.9g&nbsp;%s</td><td>", c->result.ours, unit, c->result.theirs, unit);
  verdict(f, ogi_check_passed(p->r, c));
  fputs("</td></tr>\n", f);
}

static void check_table(const page *p) {
  fputs("<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Tile</th><th scope=\"col\">Cells</th>"
        "<th scope=\"col\">Inputs</th><th scope=\"col\">Values<br>compared</th><th scope=\"col\">Worst<br>current</th>"
        "<th scope=\"col\">Worst<br>voltage</th><th scope=\"col\" class=\"text\">Worst<br>node</th>"
        "<th scope=\"col\">ohmgrid<br>there</th><th scope=\"col\">ngspice<br>there</th><th scope=\"col\">Result</th>"
        "</tr></thead>\n<tbody>\n", p->f);
  for (size_t i = 0; i < p->r->check_rows; i++) check_row(p, &p->r->check[i]);
  fputs("</tbody></table></div>\n", p->f);
}

static void audit(const page *p) {
  fputs("<p>Two laws need no second program. Power delivered by the drivers against power dissipated, over the audited "
        "tiles: worst difference ", p->f);
  power_of_ten(p->f, p->r->array_power_balance);
  fputs(" of the power delivered. Kirchhoff’s current law at every node: worst relative residual ", p->f);
  power_of_ten(p->f, p->r->array_kcl_residual);
  fputs(".</p>\n", p->f);
}

static og_status check(const page *p) {
  const og_results *r = p->r;
  og_status st = OG_OK;
  fputs("<section id=\"check\"><h2>Cross-check against ngspice</h2>\n", p->f);
  if (r->check_rows == 0) {
    fputs("<p>No tile was cross-checked in this run.</p>\n", p->f);
  } else {
    fputs("<p>Tiles cut from the network, solved here and by ", p->f);
    ogi_escape(p->f, r->check[0].result.spice_version[0] != '\0' ? r->check[0].result.spice_version : "ngspice");
    fputs(" from the same conductances and input voltages, compared at every output and every node. Deviations are "
          "relative, |ours&nbsp;−&nbsp;theirs|&nbsp;/&nbsp;max(|theirs|, 10<sup>−3</sup> of the largest of its kind); "
          "tolerated: ", p->f);
    power_of_ten(p->f, r->check_rtol);
    fputs(".</p>\n", p->f);
    check_table(p);
  }
  if (ogi_has_crosscheck(r)) {
    OGI_TRY(st, figure_begin(p, "crosscheck.svg", "ck-", "Scatter plot: our output currents against those of ngspice, "
                             "and their relative deviation"));
    fputs("Output currents. Above: on the dashed diagonal both programs agree. Below: relative deviation; values at "
          "10<sup>−17</sup> stand for that or less, also for exactly equal numbers.", p->f);
    figure_end(p);
  }
  audit(p);
  fputs("</section>\n", p->f);
done:
  return st;
}

/* --- the rest ----------------------------------------------------------------------------------------------------- */

static void closing(const page *p, const char *study_yaml) {
  const og_results *r = p->r;
  fputs("<section id=\"notes\"><h2>Notes</h2>\n<ul class=\"notes\">\n", p->f);
  for (size_t i = 0; i < r->notes; i++) text_cell(p, "li", r->note[i]);
  fputs("</ul></section>\n<section id=\"study\"><h2>The study</h2>\n", p->f);
  fprintf(p->f, "<p>Seed %llu, ohmgrid ", (unsigned long long)r->seed);
  ogi_escape(p->f, r->version);
  fputs(". The same study, seed and version give the same numbers, whatever the number of threads.</p>\n", p->f);
  if (study_yaml != NULL) {
    fputs("<details><summary>The study as resolved, with every default</summary>\n<pre>", p->f);
    ogi_escape(p->f, study_yaml);
    fputs("</pre></details>\n", p->f);
  }
  fputs("</section>\n</main>\n<footer>Made by ohmgrid ", p->f);
  ogi_escape(p->f, r->version);
  fputs(". The numbers behind this page lie beside it: results.json and CSV tables.</footer>\n</body>\n</html>\n",
        p->f);
}

static og_status write_page(const page *p, const char *study_yaml) {
  og_status st;
  headline(p);
  OGI_TRY(st, accuracy(p));
  OGI_TRY(st, energy(p));
  OGI_TRY(st, ir_drop(p));
  OGI_TRY(st, conductance(p));
  OGI_TRY(st, check(p));
  closing(p, study_yaml);
done:
  return st;
}

og_status ogi_report_html(const og_results *r, const char *study_yaml, const char *folder, og_error *err) {
  og_status st;
  ogi_energy sum = {0};
  ogi_writer w = {0};
  ogi_locale c;
  ogi_locale_begin(&c);
  char *path = ogi_path_join(folder, "report.html");
  if (path == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "report.html");
    goto done;
  }
  OGI_TRY(st, ogi_energy_sum(&sum, r, err));
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  OGI_TRY(st, write_page(&(page){w.stream, r, &sum, folder, err}, study_yaml));
  OGI_TRY(st, ogi_writer_commit(&w, err));
done:
  ogi_writer_abort(&w);
  ogi_free(path);
  ogi_energy_clear(&sum);
  ogi_locale_end(&c);
  return st;
}
