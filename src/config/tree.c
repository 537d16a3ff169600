/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include <yaml.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_units.h"
#include "config/ogi_tree.h"

enum { FILE_MAX = 1 << 20, DEPTH_MAX = 12, CHILDREN_MAX = 4096 };

typedef struct reader {
  yaml_parser_t *parser;
  const char *path;
  og_error *err;
} reader;

void ogi_tree_free(ogi_tree *t) {
  while (t != NULL) {
    ogi_tree *next = t->next;
    ogi_tree_free(t->first); /* as deep as the file, which is bounded */
    ogi_free(t->key);
    ogi_free(t->text);
    ogi_free(t);
    t = next;
  }
}

const ogi_tree *ogi_tree_find(const ogi_tree *map, const char *key) {
  if (map == NULL || map->kind != OGI_TREE_MAP) return NULL;
  for (const ogi_tree *t = map->first; t != NULL; t = t->next)
    if (strcmp(t->key, key) == 0) return t;
  return NULL;
}

void ogi_tree_show(char *out, size_t size, const ogi_tree *t) {
  char shown[OGI_SHOW_MAX];
  if (t->kind == OGI_TREE_TEXT && t->text[0] != '\0') {
    ogi_show(shown, t->text);
    snprintf(out, size, "%s", shown);
  } else {
    snprintf(out, size, "%s",
             t->kind == OGI_TREE_TEXT   ? "nothing"
             : t->kind == OGI_TREE_LIST ? "a list"
                                        : "a section of keys");
  }
}

/* libyaml's marks are not set for bytes that are no text, there the parser's own mark says how far it came. */
static og_status fail_yaml(const reader *r) {
  const yaml_parser_t *p = r->parser;
  if (p->error == YAML_MEMORY_ERROR) return ogi_fail(r->err, OG_E_NOMEM, "%s", r->path);
  size_t line = p->error == YAML_READER_ERROR ? p->mark.line : p->problem_mark.line;
  return ogi_fail(r->err, OG_E_INPUT, "%s:%zu: saw no valid YAML: %s", r->path, line + 1,
                  p->problem != NULL ? p->problem : "unknown problem");
}

/* What makes YAML surprising. */
static const char *foreign_part(const yaml_event_t *e) {
  const yaml_char_t *anchor = NULL, *tag = NULL;
  switch (e->type) {
    case YAML_ALIAS_EVENT: return "an alias (*)";
    case YAML_SCALAR_EVENT:
      anchor = e->data.scalar.anchor;
      tag = e->data.scalar.tag;
      if (memchr(e->data.scalar.value, '\0', e->data.scalar.length) != NULL) return "a 0 byte";
      break;
    case YAML_SEQUENCE_START_EVENT:
      anchor = e->data.sequence_start.anchor;
      tag = e->data.sequence_start.tag;
      break;
    case YAML_MAPPING_START_EVENT:
      anchor = e->data.mapping_start.anchor;
      tag = e->data.mapping_start.tag;
      break;
    default: break;
  }
  return anchor != NULL ? "an anchor (&)" : tag != NULL ? "a tag (!)" : NULL;
}

static og_status next_event(const reader *r, yaml_event_t *event) {
  if (!yaml_parser_parse(r->parser, event)) return fail_yaml(r);
  const char *foreign = foreign_part(event);
  if (foreign == NULL) return OG_OK;
  og_status st = ogi_fail(r->err, OG_E_INPUT, "%s:%zu: saw %s, need plain keys and values", r->path,
                          event->start_mark.line + 1, foreign);
  yaml_event_delete(event);
  return st;
}

/* Nothing, ~ or null, not in quotes. */
static int is_empty(const yaml_event_t *e) {
  const char *text = (const char *)e->data.scalar.value;
  return e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
         (text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

static og_status read_children(const reader *r, ogi_tree *parent, int depth);

static og_status read_node(const reader *r, ogi_tree **out, const yaml_event_t *e, int depth) {
  ogi_tree *t = *out = ogi_alloc(1, sizeof *t);
  if (t == NULL) return ogi_fail(r->err, OG_E_NOMEM, "%s", r->path);
  t->line = e->start_mark.line + 1;
  if (depth > DEPTH_MAX)
    return ogi_fail(r->err, OG_E_INPUT, "%s:%zu: saw sections and lists deeper than %d", r->path, t->line, DEPTH_MAX);
  if (e->type == YAML_SCALAR_EVENT) {
    yaml_scalar_style_t style = e->data.scalar.style;
    t->line += style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE;
    t->text = ogi_strdup(is_empty(e) ? "" : (const char *)e->data.scalar.value);
    return t->text != NULL ? OG_OK : ogi_fail(r->err, OG_E_NOMEM, "%s", r->path);
  }
  t->kind = e->type == YAML_MAPPING_START_EVENT ? OGI_TREE_MAP : OGI_TREE_LIST;
  return read_children(r, t, depth);
}

/* The key of the next child; control characters in it must not reach a terminal. */
static og_status take_key(const reader *r, const ogi_tree *parent, char **key, const yaml_event_t *e) {
  if (e->type != YAML_SCALAR_EVENT)
    return ogi_fail(r->err, OG_E_INPUT, "%s:%zu: saw a section or list, need a key", r->path, e->start_mark.line + 1);
  *key = ogi_strdup((const char *)e->data.scalar.value);
  if (*key == NULL) return ogi_fail(r->err, OG_E_NOMEM, "%s", r->path);
  for (char *p = *key; *p != '\0'; p++)
    if ((unsigned char)*p < ' ' || *p == 127) *p = '?';
  const ogi_tree *before = ogi_tree_find(parent, *key);
  if (before == NULL) return OG_OK;
  return ogi_fail(r->err, OG_E_INPUT, "%s:%zu: %s: saw the key again, need it once (it is in line %zu)", r->path,
                  e->start_mark.line + 1, *key, before->line);
}

/* One child, or the end of its parent. */
static og_status read_child(const reader *r, ogi_tree *parent, ogi_tree **child, int depth, int *end) {
  yaml_event_t event;
  char *key = NULL;
  og_status st = next_event(r, &event);
  if (st != OG_OK) return st;
  size_t line = event.start_mark.line + 1;
  *end = event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT;
  if (!*end && parent->kind == OGI_TREE_MAP) {
    st = take_key(r, parent, &key, &event);
    yaml_event_delete(&event);
    if (st == OG_OK) st = next_event(r, &event);
    if (st != OG_OK) {
      ogi_free(key);
      return st;
    }
  }
  if (!*end) {
    st = read_node(r, child, &event, depth + 1);
    if (*child != NULL) (*child)->key = key;
    else ogi_free(key);
    if (*child != NULL && (*child)->kind != OGI_TREE_TEXT) (*child)->line = line; /* of its key, not of what follows */
  }
  yaml_event_delete(&event);
  return st;
}

static og_status read_children(const reader *r, ogi_tree *parent, int depth) {
  ogi_tree **at = &parent->first;
  for (int end = 0;;) {
    ogi_tree *child = NULL;
    og_status st = read_child(r, parent, &child, depth, &end);
    if (child != NULL) {
      *at = child;
      at = &child->next;
      if (++parent->count > CHILDREN_MAX && st == OG_OK) /* each key is looked for among those before it */
        st = ogi_fail(r->err, OG_E_INPUT, "%s:%zu: saw more than %d entries, need fewer", r->path, child->line,
                      CHILDREN_MAX);
    }
    if (end || st != OG_OK) return st;
  }
}

static og_status expect(const reader *r, yaml_event_type_t type) {
  yaml_event_t event;
  og_status st = next_event(r, &event);
  if (st != OG_OK) return st;
  if (event.type != type)
    st = ogi_fail(r->err, OG_E_INPUT, "%s:%zu: saw more after the end, need one document", r->path,
                  event.start_mark.line + 1);
  yaml_event_delete(&event);
  return st;
}

static og_status empty_map(const reader *r, ogi_tree **out) {
  *out = ogi_alloc(1, sizeof **out);
  if (*out == NULL) return ogi_fail(r->err, OG_E_NOMEM, "%s", r->path);
  (*out)->kind = OGI_TREE_MAP;
  (*out)->line = 1;
  return OG_OK;
}

static og_status read_stream(const reader *r, ogi_tree **out) {
  yaml_event_t event;
  og_status st = expect(r, YAML_STREAM_START_EVENT);
  if (st == OG_OK) st = next_event(r, &event);
  if (st != OG_OK) return st;
  int nothing = event.type == YAML_STREAM_END_EVENT;
  yaml_event_delete(&event);
  if (nothing) return empty_map(r, out);
  st = next_event(r, &event);
  if (st != OG_OK) return st;
  if (event.type != YAML_MAPPING_START_EVENT)
    st =
        ogi_fail(r->err, OG_E_INPUT, "%s:%zu: saw no keys, need a section of keys", r->path, event.start_mark.line + 1);
  else st = read_node(r, out, &event, 0);
  yaml_event_delete(&event);
  if (st == OG_OK) st = expect(r, YAML_DOCUMENT_END_EVENT);
  if (st == OG_OK) st = expect(r, YAML_STREAM_END_EVENT);
  return st;
}

og_status ogi_tree_read(ogi_tree **out, const char *path, og_error *err) {
  char *text = NULL;
  size_t length;
  yaml_parser_t parser;
  *out = NULL;
  og_status st = ogi_file_read(&text, &length, path, FILE_MAX, err);
  if (st != OG_OK) return st;
  if (!yaml_parser_initialize(&parser)) {
    st = ogi_fail(err, OG_E_NOMEM, "%s", path);
  } else {
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    const reader r = {&parser, path, err};
    st = read_stream(&r, out);
    yaml_parser_delete(&parser);
  }
  ogi_free(text);
  if (st != OG_OK) {
    ogi_tree_free(*out);
    *out = NULL;
  }
  return st;
}
