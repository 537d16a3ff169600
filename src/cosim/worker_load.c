/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_worker.h"

/* Everything ngspice keeps of a circuit; without the last call its history grows. */
void forget_circuit(worker *w) {
  ngSpice_Command((char[]){"destroy all"});
  ngSpice_Command((char[]){"remcirc"});
  ngSpice_Command(NULL);
  forget_sources(w);
  ogi_free(w->deck);
  ogi_free(w->lines);
  ogi_free(w->given);
  w->deck = NULL;
  w->lines = w->given = NULL;
}

static size_t split_lines(worker *w) {
  size_t count = 1;
  for (const char *p = w->deck; *p != '\0'; p++) count += *p == '\n';
  w->lines = need(count + 1, sizeof *w->lines);
  char *p = w->deck;
  for (size_t k = 0; k < count; k++) {
    w->lines[k] = strsep(&p, "\n");
    w->lines[k][strcspn(w->lines[k], "\r")] = '\0';
  }
  if (w->lines[count - 1][0] == '\0') w->lines[--count] = NULL; /* the newline of the last line opens no other */
  return count;
}

/* --- what ngspice would not survive, or take without a word ------------------------------------------------------- */

static const char blanks[] = " \t(),=";

static size_t count_words(const char *text) {
  size_t count = 0;
  for (; *text != '\0'; count++) {
    text += strspn(text, blanks);
    if (*text == '\0' || *text == ';' || *text == '$') break;
    text += strcspn(text, blanks);
  }
  return count;
}

static int has_word(const char *line, const char *word) {
  size_t length = strlen(word);
  for (const char *p = line; (p = strcasestr(p, word)) != NULL; p += length)
    if (p > line && strchr(blanks, p[-1]) != NULL && (p[length] == '\0' || strchr(blanks, p[length]) != NULL))
      return 1;
  return 0;
}

static int starts(const char *line, const char *word) {
  size_t length = strlen(word);
  return strncasecmp(line, word, length) == 0 && (line[length] == '\0' || isspace((unsigned char)line[length]));
}

/* An element with all its continuation lines: "r1 in" is taken for a short, "dc" on an EXTERNAL source is a crash. */
static int check_element(worker *w, size_t line) {
  size_t words = 0;
  int external = 0, dc = 0, letter = tolower((unsigned char)w->lines[line][0]);
  for (size_t k = line; w->lines[k] != NULL && (k == line || w->lines[k][0] == '+'); k++) {
    words += count_words(w->lines[k] + (k > line));
    external |= has_word(w->lines[k], "external");
    dc |= has_word(w->lines[k], "dc");
  }
  if (strchr("rclvidbefgh", letter) != NULL && words < 3)
    return refuse(w, "deck line %zu: %.80s: saw %zu words, need a name and two nodes", line + 1, w->lines[line],
                  words);
  if ((letter != 'v' && letter != 'i') || !external) return 1;
  w->has_external = 1;
  return !dc || refuse(w, "deck line %zu: %.80s: an external source can have no dc value", line + 1, w->lines[line]);
}

static int check_line(worker *w, size_t line) {
  static const char *const foreign[] = {".control", ".endc", ".include", ".inc", ".lib", ".exec", NULL};
  char *text = w->lines[line];
  text += strspn(text, " \t");
  for (size_t k = 0; foreign[k] != NULL; k++)
    if (starts(text, foreign[k]))
      return refuse(w, "deck line %zu: %s: a deck can neither give commands nor read other files", line + 1,
                    foreign[k]);
  if (starts(text, ".save")) w->has_save = 1;
  return !isalpha((unsigned char)text[0]) || check_element(w, line);
}

static int check_deck(worker *w, size_t count) {
  w->has_external = w->has_save = 0;
  for (size_t k = 1; k < count; k++)
    if (!check_line(w, k)) return 0;
  return 1;
}

/* --- loading ------------------------------------------------------------------------------------------------------ */

/*
 * A load that failed leaves no error code, but no resistor of ours is there either; its name changes, so that none of
 * an older circuit can stand for it. The stop source is for runs that the host drives.
 */
static void add_ours(worker *w, size_t count) {
  static char stop[] = "vogi_stop " WORKER_STOP_NODE " 0 external", save[] = ".save v(" WORKER_STOP_NODE ")";
  size_t end = count, at = 0;
  while (end > 1 && !starts(w->lines[end - 1], ".end")) end--;
  w->given = need(count + 4, sizeof *w->given);
  if (end <= 1) end = count + 1; /* no .end: ngspice is to say so */
  snprintf(w->probe, sizeof w->probe, "rogi_probe%u %s 0 1", ++w->loads, w->has_external ? WORKER_STOP_NODE : "0");
  for (size_t k = 0; k < count; k++) {
    if (k == end - 1) {
      w->given[at++] = w->probe;
      if (w->has_external) w->given[at++] = stop;
      if (w->has_external && w->has_save) w->given[at++] = save;
    }
    w->given[at++] = w->lines[k];
  }
}

static int probe_is_there(const worker *w) {
  char name[64];
  snprintf(name, sizeof name, "@rogi_probe%u[resistance]", w->loads);
  return ngGet_Vec_Info(name) != NULL;
}

/* The line that ngspice names, or else one that its words quote; its number from 1, or 0. */
static size_t blamed_line(const worker *w, size_t count) {
  static const char *const names[] = {"new internal line no. ", "Error on line ", "Netlist line no. ",
                                      "Original line no.: ", "near line ", "at line "};
  const char *words = w->complaints[0] != '\0' ? w->complaints : w->notes;
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    const char *p = strcasestr(words, names[k]);
    size_t number = p != NULL ? strtoul(p + strlen(names[k]), NULL, 10) : 0;
    if (number > 0 && number <= count) return number;
  }
  for (size_t k = 1; k < count; k++)
    if (strlen(w->lines[k]) > 3 && strcasestr(words, w->lines[k]) != NULL) return k + 1;
  return 0;
}

static int blame(worker *w, size_t count) {
  size_t line = blamed_line(w, count);
  if (line == 0) return refuse(w, "ngspice refused the deck");
  return refuse(w, "ngspice refused the deck, line %zu (%.80s)", line, w->lines[line - 1]);
}

int load(worker *w, char *deck) {
  forget_circuit(w);
  hear_nothing(w);
  w->deck = deck;
  size_t count = split_lines(w);
  if (count == 0) return refuse(w, "the deck is empty");
  if (!check_deck(w, count)) return 0;
  add_ours(w, count);
  int code = ngSpice_Circ(w->given);
  if (code != 0 || w->gave_up || w->complained) return blame(w, count);
  return probe_is_there(w) || blame(w, count);
}

int alter(worker *w, char *commands, size_t bytes, size_t count) {
  char *p = commands, *end = commands + bytes;
  hear_nothing(w);
  for (size_t k = 0; k < count; k++, p += strlen(p) + 1) {
    if (p >= end) return refuse(w, "fewer commands came than were announced");
    if (strlen(p) >= OGI_SPICE_COMMAND_MAX)
      return refuse(w, "a command of %zu bytes, need fewer than %u", strlen(p), OGI_SPICE_COMMAND_MAX);
    if (!command(w, p)) return refuse(w, "%.80s", p);
  }
  ngSpice_Command(NULL); /* forgets the history of commands */
  return 1;
}
