/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <string.h>

#include "report/ogi_figure.h"
#include "report/ogi_svg.h"

void ogi_escape(FILE *out, const char *text) {
  while (*text != '\0') {
    size_t step = ogi_utf8_step(text);
    switch (*text) {
      case '<': fputs("&lt;", out); break;
      case '>': fputs("&gt;", out); break;
      case '&': fputs("&amp;", out); break;
      case '"': fputs("&quot;", out); break;
      case '\'': fputs("&#39;", out); break;
      default: fwrite(step > 0 ? text : "\xef\xbf\xbd", 1, step > 0 ? step : 3, out);
    }
    text += step > 0 ? step : 1;
  }
}

/* Up to the end of this element, or NULL if text does not begin with it. */
static const char *after_element(const char *text, const char *open, const char *close) {
  if (strncmp(text, open, strlen(open)) != 0) return NULL;
  const char *end = strstr(text, close);
  return end != NULL ? end + strlen(close) : NULL;
}

void ogi_svg_clean(FILE *out, const char *svg, const char *title) {
  static const char image[] = "<image ";
  while (*svg != '\0') {
    const char *end = after_element(svg, "<title>", "</title>");
    if (end != NULL) {
      fputs("<title>", out);
      ogi_escape(out, title);
      fputs("</title>", out);
    } else if ((end = after_element(svg, "<desc>", "</desc>")) != NULL) {
      end += *end == '\n';
    } else if (strncmp(svg, image, strlen(image)) == 0) {
      fputs("<image image-rendering='pixelated' ", out);
      end = svg + strlen(image);
    }
    if (end == NULL)
      fputc(*svg++, out);
    else
      svg = end;
  }
}

/* One tag, from < to >, with ids and references renamed. Nothing but a tag can hold a bare < in SVG. */
static const char *inline_tag(FILE *out, const char *tag, const char *prefix) {
  static const char *const before_id[] = {" id='", " id=\"", "href='#", "href=\"#", "url(#"};
  while (*tag != '\0' && *tag != '>') {
    size_t used = 0;
    for (size_t i = 0; used == 0 && i < sizeof before_id / sizeof *before_id; i++)
      if (strncmp(tag, before_id[i], strlen(before_id[i])) == 0) used = strlen(before_id[i]);
    if (used > 0)
      fprintf(out, "%.*s%s", (int)used, tag, prefix);
    else
      fputc(*tag, out);
    tag += used > 0 ? used : 1;
  }
  return tag;
}

/* The root's tag: its width and height stay, as the proportion that style sheets scale. */
static const char *root_tag(FILE *out, const char *tag, const char *label) {
  fputs("<svg role=\"img\" aria-label=\"", out);
  ogi_escape(out, label);
  fputc('"', out);
  for (tag += strlen("<svg"); *tag != '\0' && *tag != '>'; tag++) {
    const char *end = strncmp(tag, "xmlns", 5) == 0 ? strchr(tag, '"') : NULL;
    if (end != NULL) end = strchr(end + 1, '"');
    if (end != NULL)
      tag = end;
    else
      fputc(*tag, out);
  }
  return tag;
}

void ogi_svg_inline(FILE *out, const char *svg, const char *prefix, const char *label) {
  const char *p = strstr(svg, "<svg");
  if (p == NULL) return;
  p = root_tag(out, p, label);
  while (*p != '\0') {
    if (*p == '<')
      p = inline_tag(out, p, prefix);
    else
      fputc(*p++, out);
  }
}
