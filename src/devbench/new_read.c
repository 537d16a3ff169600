/* SPDX-License-Identifier: BSD-3-Clause */
/** A subcircuit that somebody brings: is it one, and which? */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ohmgrid/deck.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_units.h"
#include "devbench/ogi_devnew.h"
#include "netlist/ogi_deck_read.h"

enum { FILE_BYTES_MAX = 1 << 20, NAME_LETTERS = 40, PIN_LETTERS = 30 };

void ogi_new_clear(ogi_new_source *s) {
  for (size_t k = 0; s->pin != NULL && k < s->pins; k++) ogi_free(s->pin[k]);
  for (size_t k = 0; s->param != NULL && k < s->params; k++) ogi_free(s->param[k]);
  for (size_t k = 0; k < s->laws.count; k++) ogi_free(s->laws.item[k]);
  for (size_t k = 0; k < s->others.count; k++) ogi_free(s->others.item[k]);
  ogi_free(s->laws.item);
  ogi_free(s->others.item);
  ogi_free(s->pin);
  ogi_free(s->param);
  ogi_free(s->value);
  ogi_free(s->subckt);
  ogi_free(s->text);
  ogi_free(s->folder);
  ogi_free(s->base);
  *s = (ogi_new_source){0};
}

/* ---- the file ---- */

static og_status no_memory(og_error *err) { return ogi_fail(err, OG_E_NOMEM, "new device"); }

/* Links are followed, so that the folder is the one the reader will find the file in. */
static og_status find_file(ogi_new_source *s, const char *path, og_error *err) {
  char *real = realpath(path, NULL);
  if (real == NULL) return ogi_fail(err, OG_E_INPUT, "%s: %s", path, strerror(errno));
  char *slash = strrchr(real, '/');
  s->base = ogi_strdup(slash + 1);
  slash[slash == real ? 1 : 0] = '\0';
  s->folder = ogi_strdup(real);
  free(real); /* realpath's own */
  if (s->base == NULL || s->folder == NULL) return no_memory(err);
  if (strpbrk(s->base, "\"'") != NULL || strstr(s->base, "..") != NULL)
    return ogi_fail(err, OG_E_INPUT, "%s: saw a quote or \"..\" in the name of the file, need none", path);
  return ogi_file_read(&s->text, &s->bytes, path, FILE_BYTES_MAX, err);
}

/* One definition of the file, as far as a look at its lines tells. */
typedef struct definition {
  size_t head, end; /* numbers of its .subckt and .ends lines */
} definition;

typedef OGI_LIST(definition) definitions;

static int begins(const char *line, const char *word) {
  size_t length = strlen(word);
  return strncmp(line, word, length) == 0 && (line[length] == '\0' || strchr(" \t(", line[length]) != NULL);
}

static int is_head(const char *line) { return begins(line, ".subckt") || begins(line, ".macro"); }
static int is_end(const char *line) { return begins(line, ".ends") || begins(line, ".eom"); }

static og_status foreign_line(const ogi_lines *l, const ogi_line *line, og_error *err) {
  char shown[OGI_SHOW_MAX];
  if (begins(line->text, ".param") || begins(line->text, ".parameters") || begins(line->text, ".model")) return OG_OK;
  ogi_show(shown, line->text);
  return ogi_at(l, line->place, ogi_fail(err, OG_E_INPUT, "saw %s outside of a .subckt, need definitions only", shown),
                err);
}

/* Definitions of the file itself. Those inside of others are parts of these; the reader sees to what does not pair. */
static og_status find_definitions(definitions *to, const ogi_lines *l, og_error *err) {
  int depth = 0;
  for (size_t k = 0; k < l->all.count; k++) {
    const ogi_line *line = &l->all.item[k];
    if (line->place.file > 1)
      return ogi_at(l, line->place, ogi_fail(err, OG_E_INPUT, "saw a second file, need all in one"), err);
    if (is_head(line->text) && depth++ == 0) {
      if (!OGI_ROOM(*to)) return no_memory(err);
      to->item[to->count++] = (definition){k, l->all.count};
    } else if (is_end(line->text)) {
      if (depth > 0 && --depth == 0) to->item[to->count - 1].end = k;
    } else if (depth == 0) {
      og_status st = foreign_line(l, line, err);
      if (st != OG_OK) return st;
    }
  }
  return OG_OK;
}

/* ---- its head ---- */

/* Name and pins; brackets and "params:" say nothing. */
static og_status split_head(ogi_pieces *p, const ogi_lines *l, const ogi_line *line, og_error *err) {
  size_t kept = 0;
  *p = (ogi_pieces){0};
  og_status st = ogi_pieces_split(p, line->text, err);
  if (st != OG_OK) return ogi_at(l, line->place, st, err);
  for (size_t k = 0; k < p->word.count; k++)
    if (strcmp(p->word.item[k], "params:") != 0 && strchr("()", p->word.item[k][0]) == NULL)
      p->word.item[kept++] = p->word.item[k];
  p->word.count = kept;
  if (kept >= 2) return OG_OK;
  return ogi_at(l, line->place, ogi_fail(err, OG_E_INPUT, "saw a .subckt without a name"), err);
}

/* The definition that was asked for, else the last: helpers stand first. */
static og_status choose(const definition **chosen, ogi_pieces *head, const definitions *all, const ogi_lines *l,
                        const og_device_new_opts *opts, og_error *err) {
  char names[200] = "";
  *chosen = NULL;
  for (size_t k = 0; k < all->count && *chosen == NULL; k++) {
    ogi_pieces p;
    og_status st = split_head(&p, l, &l->all.item[all->item[k].head], err);
    int wanted = st == OG_OK &&
                 (opts->definition != NULL ? strcasecmp(opts->definition, p.word.item[1]) == 0 : k + 1 == all->count);
    size_t used = strlen(names);
    if (st == OG_OK) snprintf(names + used, sizeof names - used, "%s%.40s", k > 0 ? ", " : "", p.word.item[1]);
    if (wanted) {
      *chosen = &all->item[k];
      *head = p;
    } else {
      ogi_pieces_clear(&p);
    }
    if (st != OG_OK) return st;
  }
  if (all->count == 0) return ogi_fail(err, OG_E_INPUT, "%s: saw no .subckt, need one", opts->file);
  if (*chosen == NULL)
    return ogi_fail(err, OG_E_INPUT, "%s: saw no .subckt %.60s, need one of %s", opts->file, opts->definition, names);
  return OG_OK;
}

/* Names go into cards and measurements, where other marks would mean something. */
static og_status check_name(const char *what, const char *name, size_t letters, og_error *err) {
  char shown[OGI_SHOW_MAX];
  size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
  if (length > 0 && length <= letters && name[length] == '\0' && strcmp(name, "null") != 0) return OG_OK;
  ogi_show(shown, name);
  return ogi_fail(err, OG_E_INPUT, "%s: saw %s, need 1 to %zu letters, digits or \"_\"", what, shown, letters);
}

static og_status compare_pins(const ogi_pieces *head, const og_device_new_opts *opts, og_error *err) {
  char list[200] = "";
  size_t have = head->word.count - 2, k = 0;
  for (size_t j = 0; j < have; j++) {
    size_t used = strlen(list);
    snprintf(list + used, sizeof list - used, "%s%s", j > 0 ? "," : "", head->word.item[2 + j]);
  }
  while (k < have && k < opts->pins && strcasecmp(opts->pin[k], head->word.item[2 + k]) == 0) k++;
  if (k == have && k == opts->pins) return OG_OK;
  if (k == opts->pins)
    return ogi_fail(err, OG_E_INPUT, "pins: saw %zu, need %zu as in .subckt %s: %s", opts->pins, have,
                    head->word.item[1], list);
  return ogi_fail(err, OG_E_INPUT, "pins: saw %.40s as pin %zu, need %s as in .subckt %s: %s", opts->pin[k], k + 1,
                  k < have ? head->word.item[2 + k] : "none", head->word.item[1], list);
}

static og_status take_head(ogi_new_source *s, const ogi_pieces *head, const og_device_new_opts *opts, og_error *err) {
  og_status st;
  OGI_TRY(st, compare_pins(head, opts, err));
  OGI_TRY(st, check_name(".subckt", head->word.item[1], NAME_LETTERS, err));
  s->subckt = ogi_strdup(head->word.item[1]);
  s->pin = ogi_alloc(opts->pins, sizeof *s->pin);
  s->terminals = opts->terminals;
  s->states = opts->pins - opts->terminals;
  if (s->subckt == NULL || s->pin == NULL) return no_memory(err);
  for (; s->pins < opts->pins; s->pins++) {
    const char *pin = head->word.item[2 + s->pins];
    OGI_TRY(st, check_name("pins", pin, PIN_LETTERS, err));
    if (strcmp(pin, "0") == 0 || strcmp(pin, "gnd") == 0 || strcmp(pin, "time") == 0)
      return ogi_fail(err, OG_E_INPUT, "pins: saw %s, need another name: it means something else", pin);
    if ((s->pin[s->pins] = ogi_strdup(pin)) == NULL) return no_memory(err);
  }
done:
  return st;
}

/* ---- its inside ---- */

/* Lines of the definition itself, for people to read. */
static og_status take_lines(ogi_new_source *s, const ogi_lines *l, const definition *d, og_error *err) {
  int depth = 0;
  for (size_t k = d->head + 1; k < d->end; k++) {
    const char *text = l->all.item[k].text;
    depth += is_head(text) - is_end(text);
    if (depth > 0 || is_end(text) || text[0] == '.') continue;
    int law = text[0] == 'b' || (strchr("eg", text[0]) != NULL && strchr(text, '=') != NULL);
    int room = law ? OGI_ROOM(s->laws) : OGI_ROOM(s->others);
    char *copy = room ? ogi_strdup(text) : NULL;
    if (copy == NULL) return no_memory(err);
    if (law) s->laws.item[s->laws.count++] = copy;
    else s->others.item[s->others.count++] = copy;
  }
  return OG_OK;
}

static og_status take_params(ogi_new_source *s, const og_deck_instance *x, og_error *err) {
  s->param = ogi_alloc(x->params, sizeof *s->param);
  s->value = ogi_alloc(x->params, sizeof *s->value);
  if (s->param == NULL || s->value == NULL) return no_memory(err);
  for (; s->params < x->params; s->params++) {
    const char *name = x->param[s->params];
    og_status st = check_name("parameter", name, NAME_LETTERS, err);
    if (st != OG_OK) return st;
    if ((s->param[s->params] = ogi_strdup(name)) == NULL) return no_memory(err);
    s->value[s->params] = x->value[s->params];
  }
  return OG_OK;
}

/* Charge or flux inside, which a table of currents would lose. */
static int stores(const og_deck *deck, const ogi_deck_part *part) {
  if (part->kind != 'D') return part->kind == 'C' || part->kind == 'L';
  const double *p = deck->models.item[part->model].p;
  return p[OGI_D_CJO] != 0 || p[OGI_D_TT] != 0;
}

static void put_control(FILE *out, void *user, size_t control) {
  (void)user;
  fprintf(out, "c%zu", control);
}

/* A law in which time itself stands, and not only what is controlled by nodes. */
static og_status find_time(ogi_new_source *s, const ogi_deck_part *part, og_error *err) {
  char *text = NULL;
  size_t bytes = 0;
  FILE *out = part->law != NULL ? open_memstream(&text, &bytes) : NULL;
  if (part->law == NULL) return OG_OK;
  if (out == NULL) return no_memory(err);
  ogi_expr_print(out, part->law->expr, put_control, NULL);
  int bad = fclose(out) != 0;
  s->timed |= !bad && strstr(text, "time") != NULL;
  free(text); /* open_memstream's own */
  return bad ? no_memory(err) : OG_OK;
}

/* The deck around the file is ours: what is said of its line "x1" is said of the file. */
static og_status drop_place(og_status st, const char *name, og_error *err) {
  static const char ours[] = ": x1: ";
  char *at = err != NULL && strncmp(err->text, name, strlen(name)) == 0 ? strstr(err->text, ours) : NULL;
  if (at != NULL) memmove(err->text, at + strlen(ours), strlen(at + strlen(ours)) + 1);
  return st;
}

/* Expand one instance: this is where the reader sees what is undefined, unknown or not supported. */
static og_status expand(ogi_new_source *s, const char *name, og_error *err) {
  og_status st = OG_OK;
  og_deck_opts opts;
  og_deck *deck = NULL;
  char *text = NULL;
  size_t bytes = 0;
  FILE *out = open_memstream(&text, &bytes);
  if (out == NULL) return no_memory(err);
  fprintf(out, "new device\n.include \"%s\"\nx1", s->base);
  for (size_t k = 0; k < s->pins; k++) fprintf(out, " %s", s->pin[k]);
  fprintf(out, " %s\n.end\n", s->subckt);
  if (fclose(out) != 0) {
    st = no_memory(err);
    goto done;
  }
  og_deck_opts_init(&opts);
  opts.folder = s->folder;
  opts.instances_of = s->subckt;
  OGI_TRY(st, drop_place(og_deck_parse(&deck, name, text, bytes, &opts, err), name, err));
  const og_deck_instance *x = og_deck_instance_at(deck, 0);
  for (size_t k = 0; k < s->pins && st == OG_OK; k++)
    if (x->node[k] == NULL)
      st = ogi_fail(err, OG_E_INPUT, "%s: .subckt %s: saw nothing inside that uses pin %s", s->base, s->subckt,
                    s->pin[k]);
  if (st == OG_OK) st = take_params(s, x, err);
  for (size_t k = 0; k < deck->parts.count && st == OG_OK; k++) {
    s->storage |= stores(deck, &deck->parts.item[k]);
    st = find_time(s, &deck->parts.item[k], err);
  }
done:
  og_deck_free(deck);
  free(text); /* open_memstream's own */
  return st;
}

og_status ogi_new_read(ogi_new_source *s, const og_device_new_opts *opts, og_error *err) {
  og_status st;
  ogi_lines lines = {0};
  definitions all = {0};
  const definition *chosen = NULL;
  ogi_pieces head = {0};
  char *name = NULL, *text = NULL;
  *s = (ogi_new_source){0};
  OGI_TRY(st, find_file(s, opts->file, err));
  name = ogi_path_join(s->folder, "new device"); /* includes lie beside it */
  size_t room = strlen(s->base) + 40;
  text = ogi_alloc(room, 1);
  if (name == NULL || text == NULL) {
    st = no_memory(err);
    goto done;
  }
  const ogi_lines_opts line_opts = {s->folder, FILE_BYTES_MAX};
  size_t bytes = (size_t)snprintf(text, room, "new device\n.include \"%s\"\n", s->base);
  OGI_TRY(st, ogi_lines_split(&lines, name, text, bytes, &line_opts, err));
  OGI_TRY(st, find_definitions(&all, &lines, err));
  OGI_TRY(st, choose(&chosen, &head, &all, &lines, opts, err));
  OGI_TRY(st, take_head(s, &head, opts, err));
  OGI_TRY(st, take_lines(s, &lines, chosen, err));
  st = expand(s, name, err);
done:
  ogi_pieces_clear(&head);
  ogi_free(all.item);
  ogi_lines_clear(&lines);
  ogi_free(text);
  ogi_free(name);
  if (st != OG_OK) ogi_new_clear(s);
  return st;
}
