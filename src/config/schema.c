/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <string.h>

#include <yaml.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_units.h"
#include "config/ogi_schema.h"
#include "config/ogi_value.h"

enum { FILE_MAX = 1 << 20, PATH_MAX_BYTES = 256, NEED_MAX = 256, DEPTH_MAX = 8 };

/* One reading: the table, what has been given so far, and where. */
typedef struct reader {
  void *target;
  const ogi_key *table;
  size_t keys;
  const char *path;       /* of the file, for messages */
  size_t *line;           /* per key: line it was given in; 0: not yet */
  size_t *section_line;   /* per first key of a section, DEPTH_MAX each: line the section was opened in */
  yaml_parser_t *parser;
  og_error *err;
} reader;

static size_t line_of(const yaml_event_t *event) { return event->start_mark.line + 1; }

/* --- names ------------------------------------------------------------------------------------------------------ */

static const ogi_key *find_key(const reader *r, const char *path) {
  for (size_t i = 0; i < r->keys; i++)
    if (strcmp(r->table[i].path, path) == 0) return &r->table[i];
  return NULL;
}

/* First key inside section "path"; NULL if there is no such section. */
static const ogi_key *find_section(const reader *r, const char *path) {
  size_t length = strlen(path);
  for (size_t i = 0; i < r->keys; i++)
    if (strncmp(r->table[i].path, path, length) == 0 && r->table[i].path[length] == '.') return &r->table[i];
  return NULL;
}

/* Levenshtein distance, for texts shorter than the row. */
static size_t edit_distance(const char *a, const char *b) {
  size_t row[PATH_MAX_BYTES + 1], length = strlen(b);
  for (size_t j = 0; j <= length; j++) row[j] = j;
  for (size_t i = 0; a[i] != '\0'; i++) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < length; j++) {
      size_t change = diagonal + (a[i] != b[j]), least = row[j] < row[j + 1] ? row[j] + 1 : row[j + 1] + 1;
      diagonal = row[j + 1];
      row[j + 1] = change < least ? change : least;
    }
  }
  return row[length];
}

static const char *last_name(const char *path) {
  const char *dot = strrchr(path, '.');
  return dot != NULL ? dot + 1 : path;
}

/* The start of a known path that has as many dots as the path seen: a section, or the whole of it. */
static void cut_to_depth(char *out, const char *known, const char *seen) {
  const char *end = known;
  for (; *seen != '\0'; seen++)
    if (*seen == '.') end += strcspn(end, ".") + (end[strcspn(end, ".")] == '.');
  end += strcspn(end, ".");
  snprintf(out, PATH_MAX_BYTES, "%.*s", (int)(end - known), known);
}

/* The known key or section a person may have meant: a few letters off, or the right name in the wrong section. */
static int nearest_name(char *best, const reader *r, const char *path) {
  size_t least = 3 + strlen(path) / 8; /* one more than the most letters that may be off */
  int found = 0;
  for (size_t i = 0; i < r->keys; i++) {
    const char *known = r->table[i].path;
    char part[PATH_MAX_BYTES];
    cut_to_depth(part, known, path);
    int moved = strcmp(last_name(known), last_name(path)) == 0;
    size_t distance = moved ? 1 : edit_distance(path, part);
    if (distance >= least) continue;
    snprintf(best, PATH_MAX_BYTES, "%s", moved ? known : part);
    least = distance;
    found = 1;
  }
  return found;
}

/* The caller's place ends in the key. */
static og_status fail_unknown(const reader *r, const char *path) {
  char best[PATH_MAX_BYTES];
  if (nearest_name(best, r, path)) return ogi_fail(r->err, OG_E_INPUT, "unknown key, did you mean %s?", best);
  return ogi_fail(r->err, OG_E_INPUT, "unknown key, need one of %zu such as %s", r->keys, r->table[0].path);
}

/* Control characters of a foreign key must not reach a terminal; no known key has any, so none is matched by this. */
static void make_printable(char *path) {
  for (; *path != '\0'; path++)
    if ((unsigned char)*path < 32 || *path == 127) *path = '?';
}

/* --- YAML ------------------------------------------------------------------------------------------------------- */

/* libyaml's marks are not set for bytes that are no text, there the parser's own mark says how far it came. */
static og_status fail_yaml(const reader *r) {
  const yaml_parser_t *p = r->parser;
  if (p->error == YAML_MEMORY_ERROR) return ogi_fail(r->err, OG_E_NOMEM, "%s", r->path);
  size_t line = p->error == YAML_READER_ERROR ? p->mark.line : p->problem_mark.line;
  return ogi_fail(r->err, OG_E_INPUT, "%s:%zu: saw no valid YAML: %s", r->path, line + 1,
                  p->problem != NULL ? p->problem : "unknown problem");
}

/* Next event, without the parts of YAML that only make files surprising. The caller deletes it after OG_OK. */
static og_status next_event(const reader *r, yaml_event_t *event) {
  const char *foreign = NULL;
  if (!yaml_parser_parse(r->parser, event)) return fail_yaml(r);
  switch (event->type) {
    case YAML_ALIAS_EVENT: foreign = "an alias (*)"; break;
    case YAML_SCALAR_EVENT:
      if (event->data.scalar.anchor != NULL) foreign = "an anchor (&)";
      if (event->data.scalar.tag != NULL) foreign = "a tag (!)";
      if (memchr(event->data.scalar.value, '\0', event->data.scalar.length) != NULL) foreign = "a 0 byte";
      break;
    case YAML_SEQUENCE_START_EVENT:
      if (event->data.sequence_start.anchor != NULL) foreign = "an anchor (&)";
      if (event->data.sequence_start.tag != NULL) foreign = "a tag (!)";
      break;
    case YAML_MAPPING_START_EVENT:
      if (event->data.mapping_start.anchor != NULL) foreign = "an anchor (&)";
      if (event->data.mapping_start.tag != NULL) foreign = "a tag (!)";
      break;
    default: break;
  }
  if (foreign == NULL) return OG_OK;
  og_status st = ogi_fail(r->err, OG_E_INPUT, "%s:%zu: saw %s, need plain keys and values", r->path, line_of(event),
                          foreign);
  yaml_event_delete(event);
  return st;
}

static const char *text_of(const yaml_event_t *event) { return (const char *)event->data.scalar.value; }

/* Nothing, ~ or null, not in quotes. */
static int is_empty(const yaml_event_t *event) {
  const char *text = text_of(event);
  return event->type == YAML_SCALAR_EVENT && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
         (text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

/* What stands there, for messages about a wrong type. */
static void show_event(char shown[OGI_SHOW_MAX], const yaml_event_t *event) {
  if (event->type == YAML_MAPPING_START_EVENT) snprintf(shown, OGI_SHOW_MAX, "a section of keys");
  else if (event->type == YAML_SEQUENCE_START_EVENT) snprintf(shown, OGI_SHOW_MAX, "a list");
  else if (is_empty(event)) snprintf(shown, OGI_SHOW_MAX, "nothing");
  else ogi_show(shown, text_of(event));
}

static og_status fail_type(const reader *r, const char *path, const yaml_event_t *event, const char *need) {
  char shown[OGI_SHOW_MAX];
  show_event(shown, event);
  return ogi_fail(r->err, OG_E_INPUT, "%s:%zu: %s%ssaw %s, need %s", r->path, line_of(event), path,
                  path[0] == '\0' ? "" : ": ", shown, need);
}

static og_status read_list(const reader *r, const ogi_key *key) {
  yaml_event_t event;
  ogi_value_clear_list(r->target, key);
  for (size_t index = 0;; index++) {
    og_status st = next_event(r, &event);
    if (st != OG_OK) return st;
    int end = event.type == YAML_SEQUENCE_END_EVENT;
    if (!end && event.type != YAML_SCALAR_EVENT) {
      st = fail_type(r, key->path, &event, "plain elements");
    } else if (!end) {
      st = ogi_value_set_element(r->target, key, index, text_of(&event), r->err);
      if (st != OG_OK) st = ogi_prefix(r->err, st, "%s:%zu: %s", r->path, line_of(&event), key->path);
    }
    yaml_event_delete(&event);
    if (end || st != OG_OK) return st;
  }
}

static og_status read_value(const reader *r, const ogi_key *key, size_t line, const yaml_event_t *event) {
  size_t *given = &r->line[key - r->table];
  if (*given != 0)
    return ogi_fail(r->err, OG_E_INPUT, "%s:%zu: %s: saw the key again, need it once (it is in line %zu)", r->path,
                    line, key->path, *given);
  *given = line;
  if (event->type == YAML_SEQUENCE_START_EVENT && ogi_value_is_list(key)) return read_list(r, key);
  int empty = is_empty(event);
  if (event->type != YAML_SCALAR_EVENT || (empty && key->type != OGI_KEY_TEXT)) {
    char need[NEED_MAX];
    ogi_value_need(need, sizeof need, key);
    return fail_type(r, key->path, event, need);
  }
  og_status st = ogi_value_set(r->target, key, empty ? "" : text_of(event), r->err);
  return st == OG_OK ? st : ogi_prefix(r->err, st, "%s:%zu: %s", r->path, line_of(event), key->path);
}

static og_status read_section(const reader *r, const char *path);

static og_status open_section(const reader *r, const char *path, size_t line, const yaml_event_t *event) {
  const ogi_key *first = find_section(r, path);
  size_t depth = 0; /* a.b and its outer a may begin with the same key */
  for (const char *p = path; *p != '\0'; p++) depth += *p == '.';
  OGI_ASSERT(depth < DEPTH_MAX);
  size_t *opened = &r->section_line[(size_t)(first - r->table) * DEPTH_MAX + depth];
  if (*opened != 0)
    return ogi_fail(r->err, OG_E_INPUT, "%s:%zu: %s: saw the section again, need it once (it is in line %zu)", r->path,
                    line, path, *opened);
  *opened = line;
  if (event->type == YAML_MAPPING_START_EVENT) return read_section(r, path);
  return is_empty(event) ? OG_OK : fail_type(r, path, event, "a section of keys");
}

/* One "key: value" of the section; its depth is bounded by the table's, for an unknown section is never entered. */
static og_status read_entry(const reader *r, const char *section, const yaml_event_t *name) {
  char path[PATH_MAX_BYTES];
  yaml_event_t event;
  if (name->type != YAML_SCALAR_EVENT) return fail_type(r, section, name, "a key");
  int length = snprintf(path, sizeof path, "%s%s%s", section, section[0] == '\0' ? "" : ".", text_of(name));
  make_printable(path);
  const ogi_key *key = find_key(r, path);
  if ((size_t)length >= sizeof path || (key == NULL && find_section(r, path) == NULL)) {
    og_status st = fail_unknown(r, path);
    return ogi_prefix(r->err, st, "%s:%zu: %s", r->path, line_of(name), path);
  }
  og_status st = next_event(r, &event);
  if (st != OG_OK) return st;
  st = key != NULL ? read_value(r, key, line_of(name), &event) : open_section(r, path, line_of(name), &event);
  yaml_event_delete(&event);
  return st;
}

static og_status read_section(const reader *r, const char *path) {
  for (;;) {
    yaml_event_t name;
    og_status st = next_event(r, &name);
    if (st != OG_OK) return st;
    int end = name.type == YAML_MAPPING_END_EVENT;
    if (!end) st = read_entry(r, path, &name);
    yaml_event_delete(&name);
    if (end || st != OG_OK) return st;
  }
}

static og_status expect_event(const reader *r, yaml_event_type_t type, const char *need) {
  yaml_event_t event;
  og_status st = next_event(r, &event);
  if (st != OG_OK) return st;
  if (event.type != type)
    st = ogi_fail(r->err, OG_E_INPUT, "%s:%zu: saw more after the end, need %s", r->path, line_of(&event), need);
  yaml_event_delete(&event);
  return st;
}

/* A file without any document (empty, or only comments) gives every key its default. */
static og_status read_stream(const reader *r) {
  yaml_event_t event;
  og_status st = expect_event(r, YAML_STREAM_START_EVENT, "a stream");
  if (st != OG_OK) return st;
  st = next_event(r, &event);
  if (st != OG_OK) return st;
  int nothing = event.type == YAML_STREAM_END_EVENT;
  yaml_event_delete(&event);
  if (nothing) return OG_OK;
  st = next_event(r, &event);
  if (st != OG_OK) return st;
  if (event.type == YAML_MAPPING_START_EVENT) st = read_section(r, "");
  else if (!is_empty(&event)) st = fail_type(r, "", &event, "a section of keys");
  yaml_event_delete(&event);
  if (st == OG_OK) st = expect_event(r, YAML_DOCUMENT_END_EVENT, "one document");
  if (st == OG_OK) st = expect_event(r, YAML_STREAM_END_EVENT, "one document");
  return st;
}

static og_status read_file(reader *r) {
  char *text = NULL;
  size_t length;
  yaml_parser_t parser;
  og_status st = ogi_file_read(&text, &length, r->path, FILE_MAX, r->err);
  if (st != OG_OK) return st;
  if (!yaml_parser_initialize(&parser)) {
    st = ogi_fail(r->err, OG_E_NOMEM, "%s", r->path);
  } else {
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    r->parser = &parser;
    st = read_stream(r);
    r->parser = NULL;
    yaml_parser_delete(&parser);
  }
  ogi_free(text);
  return st;
}

/* --- defaults and overrides ------------------------------------------------------------------------------------- */

static og_status set_defaults(const reader *r) {
  for (size_t i = 0; i < r->keys; i++) {
    const ogi_key *key = &r->table[i];
    if (key->fallback == NULL) continue;
    og_status st = ogi_value_set(r->target, key, key->fallback, r->err);
    if (st != OG_OK) return ogi_prefix(r->err, OG_E_INTERNAL, "default of %s", key->path);
  }
  return OG_OK;
}

static og_status set_override(const reader *r, const char *text) {
  char path[PATH_MAX_BYTES], shown[OGI_SHOW_MAX];
  const char *equal = strchr(text, '=');
  size_t length = equal != NULL ? (size_t)(equal - text) : 0;
  ogi_show(shown, text);
  if (length == 0 || length >= sizeof path)
    return ogi_fail(r->err, OG_E_INPUT, "--set: saw %s, need key=value", shown);
  memcpy(path, text, length);
  path[length] = '\0';
  make_printable(path);
  const ogi_key *key = find_key(r, path);
  og_status st = key != NULL ? ogi_value_set(r->target, key, equal + 1, r->err) : fail_unknown(r, path);
  if (st != OG_OK) return ogi_prefix(r->err, st, "--set %s", path);
  r->line[key - r->table] = 1;
  return OG_OK;
}

static og_status require_all(const reader *r) {
  for (size_t i = 0; i < r->keys; i++) {
    char need[NEED_MAX];
    const ogi_key *key = &r->table[i];
    if (key->fallback != NULL || r->line[i] != 0) continue;
    ogi_value_need(need, sizeof need, key);
    return ogi_fail(r->err, OG_E_INPUT, "%s: %s: saw nothing, need %s", r->path, key->path, need);
  }
  return OG_OK;
}

og_status ogi_schema_read(void *target, const ogi_key *table, size_t keys, const char *path, const char *const *sets,
                          size_t count, og_error *err) {
  og_status st = OG_OK;
  ogi_locale locale;
  reader r = {.target = target, .table = table, .keys = keys, .path = path, .err = err};
  ogi_locale_begin(&locale);
  r.line = ogi_alloc(keys, sizeof *r.line);
  r.section_line = ogi_alloc(keys, DEPTH_MAX * sizeof *r.section_line);
  if (r.line == NULL || r.section_line == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "%s", path);
    goto done;
  }
  OGI_TRY(st, set_defaults(&r));
  OGI_TRY(st, read_file(&r));
  for (size_t i = 0; i < count; i++) OGI_TRY(st, set_override(&r, sets[i]));
  OGI_TRY(st, require_all(&r));
done:
  ogi_free(r.section_line);
  ogi_free(r.line);
  ogi_locale_end(&locale);
  return st;
}
