/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_plot.h  The plots as gnuplot scripts, and what the scripts share. Wants the C numeric locale. */
#ifndef OGI_PLOT_H
#define OGI_PLOT_H

#include <stddef.h>
#include <stdio.h>

#include "report/ogi_figure.h"

enum {
  OGI_PLOT_WIDTH = 760,  /**< [px] of every drawing             */
  OGI_PLOT_LABEL = 36,   /**< [characters] longer labels are cut */
  OGI_PLOT_COLOURS = 7
};

/** Colours that readers with any colour vision tell apart [Okabe2008], in the order of use: 0xrrggbb. */
extern const unsigned ogi_plot_colour[OGI_PLOT_COLOURS];

/** Pixels from the left and upper edges: gnuplot's own margins follow its guess of text widths, not what is seen. */
typedef struct ogi_panel {
  double left, right, top, bottom;
} ogi_panel;

/** Terminal, fonts, grid: the first lines of a script. */
void ogi_plot_begin(FILE *f, int height);
/** Margins of the panel that is drawn next. */
void ogi_plot_place(FILE *f, ogi_panel p, int height);
/** A string as gnuplot reads it, cut to so many characters. */
void ogi_plot_quote(FILE *f, const char *text, size_t most);
/** A label left of a panel, at height y of its axis. */
void ogi_plot_label_left(FILE *f, const char *text, double left, size_t y);
/** [px] room that a label needs left of a panel. */
double ogi_plot_label_room(const char *text);

/** What a legend shows in front of its text. */
typedef enum ogi_sample { OGI_SAMPLE_DOT, OGI_SAMPLE_LINE, OGI_SAMPLE_DASHES, OGI_SAMPLE_BOX } ogi_sample;

/** One entry of a legend at a place [px], by hand: gnuplot drops what it thinks too wide. @return the place after it */
double ogi_plot_legend(FILE *f, int height, double x, double y, ogi_sample sample, unsigned colour, const char *text);

/** An empty script; NULL with OG_E_IO in err. fclose it. */
FILE *ogi_plot_script(og_error *err);
/** Let gnuplot draw a script, and save the drawing. @retval OG_E_EXTERN gnuplot failed, OG_E_IO, OG_E_NOMEM */
og_status ogi_plot_render(FILE *script, const char *gnuplot, const char *title, const char *path, og_error *err);

/** The scripts; each draws one SVG to standard output. */
void ogi_plot_accuracy(FILE *f, const og_results *r, const ogi_energy *sum);
void ogi_plot_energy(FILE *f, const og_results *r, const ogi_energy *sum);
void ogi_plot_ir_drop(FILE *f, const og_results *r, const ogi_energy *sum);
void ogi_plot_conductance(FILE *f, const og_results *r, const ogi_energy *sum);
void ogi_plot_crosscheck(FILE *f, const og_results *r, const ogi_energy *sum);

#endif
