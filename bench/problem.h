/* SPDX-License-Identifier: BSD-3-Clause */
/** @file problem.h  What is to be computed, from a line of text. */
#ifndef PROBLEM_H
#define PROBLEM_H

#include <stddef.h>

#include <ohmgrid/ohmgrid.h>

typedef enum kind { KIND_DC, KIND_REDUCE, KIND_TILES, KIND_INPUTS, KIND_NONLINEAR, KINDS } kind;

typedef struct problem {
  char name[64];          /* the text up to the targets                                  */
  kind kind;
  size_t m, n;
  size_t inputs, arrays;  /* [-]                                                         */
  double ohm;             /* one segment, all alike                                      */
  char cells[16];         /* how conductances are laid out                               */
  int threads;
  double must, aim;       /* [ms]; 0: none                                               */
  double memory;          /* [MB] most that may be taken; 0: any                         */
  double *g, *v;          /* arrays x m x n [S]; inputs x m [V]                           */
} problem;

/** What a problem may say, for messages. */
extern const char problem_grammar[];

/** @return 1; 0 if text is no problem. No memory yet. */
int problem_parse(problem *p, const char *text);

/** Conductances and inputs, the same in every process. */
void problem_fill(problem *p);

og_array problem_array(const problem *p);

/** Current through a cell at v volt [A]. */
double problem_cell(const problem *p, double g, double v);

/** count numbers, 64-byte aligned, all zero; ends the program where there is no memory. */
double *numbers(size_t count);

/** v0 of the sinh cells [V]. */
#define PROBLEM_V0 0.3

#endif
