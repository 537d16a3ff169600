/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "netlist/ogi_lines.h"

#define INCLUDE_DEPTH_MAX 20
#define INCLUDES_MAX 10000 /* in all: files that include others twice grow fast */
#define LINE_MAX_BYTES (64u << 20)

/* One file being read. */
typedef struct reader {
  ogi_lines *out;
  const ogi_lines_opts *opts;
  const char *path;     /* as a file, for what it includes; NULL: text from memory */
  unsigned file;
  const char *at, *end; /* what is left of it */
  unsigned number;      /* of the physical line at "at" */
  const char *section;  /* of a .lib: only lines inside it count; NULL: the whole file */
  int inside, found;    /* of the section */
  int depth;
  size_t *bytes;        /* read so far, of all files */
  size_t *includes;     /* so far */
  char *joined;         /* the logical line being put together */
  size_t used, room;
  ogi_place place;      /* where it began */
  og_error *err;
} reader;

og_status ogi_at(const ogi_lines *l, ogi_place place, og_status st, og_error *err) {
  return ogi_prefix(err, st, "%s:%u", ogi_names_at(l->files, place.file), place.line);
}

static og_status refuse(const reader *r, ogi_place place, const char *what) {
  return ogi_at(r->out, place, ogi_fail(r->err, OG_E_INPUT, "%s", what), r->err);
}

/* ---- physical lines ---- */

/* The next line without its end; 0 at the end of the text. */
static int next_line(reader *r, const char **begin, size_t *length) {
  if (r->at == r->end) return 0;
  const char *stop = memchr(r->at, '\n', (size_t)(r->end - r->at));
  size_t bytes = (size_t)((stop != NULL ? stop : r->end) - r->at);
  *begin = r->at;
  *length = bytes > 0 && r->at[bytes - 1] == '\r' ? bytes - 1 : bytes;
  r->at = stop != NULL ? stop + 1 : r->end;
  r->number++;
  return 1;
}

static int is_blank(char c) { return c == ' ' || c == '\t'; }

/*
 * Where the comment of a line begins: ';' anywhere, '$' or '//' after a blank, none of them inside quotes, in which
 * file names and expressions stand.
 */
static size_t before_comment(const char *text, size_t length) {
  char quote = '\0';
  for (size_t k = 0; k < length; k++) {
    char c = text[k];
    int after_blank = k == 0 || is_blank(text[k - 1]);
    if (quote != '\0') quote = c == quote ? '\0' : quote;
    else if (c == '\'' || c == '"') quote = c;
    else if (c == ';' || (after_blank && c == '$')) return k;
    else if (after_blank && c == '/' && k + 1 < length && text[k + 1] == '/') return k;
  }
  return length;
}

static og_status append(reader *r, const char *text, size_t length) {
  if (r->used + length + 2 > r->room) {
    size_t room = 2 * (r->used + length + 128);
    if (room > LINE_MAX_BYTES) return refuse(r, r->place, "saw a line that is too long, need less than 32 MiB");
    char *larger = ogi_alloc(room, 1);
    if (larger == NULL) return ogi_fail(r->err, OG_E_NOMEM, "deck: a line of %zu letters", r->used + length);
    if (r->used > 0) memcpy(larger, r->joined, r->used); /* joined is NULL at first */
    ogi_free(r->joined);
    r->joined = larger;
    r->room = room;
  }
  memcpy(r->joined + r->used, text, length);
  r->used += length;
  r->joined[r->used] = '\0';
  return OG_OK;
}

/* ---- logical lines ---- */

static og_status keep(reader *r) {
  ogi_lines *o = r->out;
  if (!OGI_ROOM(o->all)) return ogi_fail(r->err, OG_E_NOMEM, "deck: %zu lines", o->all.count);
  char *text = ogi_strdup(r->joined);
  if (text == NULL) return ogi_fail(r->err, OG_E_NOMEM, "deck: a line");
  for (char *p = text; *p != '\0'; p++) *p = (char)tolower((unsigned char)*p);
  o->all.item[o->all.count++] = (ogi_line){text, r->place};
  return OG_OK;
}

static og_status check_letters(const reader *r) {
  for (size_t k = 0; k < r->used; k++) {
    unsigned char c = (unsigned char)r->joined[k];
    if (c == '`') return refuse(r, r->place, "saw a backquote, need none: decks run no commands");
    if (c == '\\') return refuse(r, r->place, "saw a backslash, need none");
    if (c != '\t' && (c < ' ' || c >= 127))
      return refuse(r, r->place, "saw a sign that is no ASCII letter, digit or mark");
  }
  return OG_OK;
}

/* Does the line begin with this word? */
static int begins(const char *line, const char *word) {
  size_t length = strlen(word);
  return strncasecmp(line, word, length) == 0 && (line[length] == '\0' || is_blank(line[length]));
}

/* What is no data: it could give orders to ngspice. */
static int is_order(const char *line) {
  static const char *const orders[] = {".control", ".endc", ".csparam", ".exec", ".shell", ".system"};
  for (size_t k = 0; k < sizeof orders / sizeof *orders; k++)
    if (begins(line, orders[k])) return 1;
  return 0;
}

static og_status read_text(reader *r);

/* The words after .include or .lib: a file, quoted or not, and perhaps a section. */
static void split_include(char *rest, char **file, char **section) {
  while (is_blank(*rest)) rest++;
  char quote = *rest == '\'' || *rest == '"' ? *rest : '\0';
  *file = quote != '\0' ? ++rest : rest;
  while (*rest != '\0' && (quote != '\0' ? *rest != quote : !is_blank(*rest))) rest++;
  if (*rest != '\0') *rest++ = '\0';
  while (is_blank(*rest)) rest++;
  *section = *rest != '\0' ? rest : NULL;
}

/*
 * Real path of a file that lies in the folder, links followed; free() it. Only a regular file: to open a FIFO would
 * hang. Between this look and the opening someone who may write in the folder could exchange the file: such a folder
 * has to belong to people one trusts.
 */
static og_status locate(const reader *r, const char *file, char **real, og_error *err) {
  og_status st = OG_OK;
  char *beside = r->path != NULL ? ogi_strdup(r->path) : NULL, *joined = NULL;
  struct stat info;
  char *slash = beside != NULL ? strrchr(beside, '/') : NULL;
  if (slash != NULL) slash[1] = '\0';
  joined = ogi_path_join(slash != NULL ? beside : r->path != NULL ? "." : r->opts->folder, file);
  char *folder = realpath(r->opts->folder, NULL);
  *real = joined != NULL ? realpath(joined, NULL) : NULL;
  size_t length = folder != NULL ? strlen(folder) : 0;
  if (joined == NULL || (r->path != NULL && beside == NULL)) st = ogi_fail(err, OG_E_NOMEM, "include");
  else if (folder == NULL) st = ogi_fail(err, OG_E_INPUT, "folder of includes %s: there is none", r->opts->folder);
  else if (*real == NULL) st = ogi_fail(err, OG_E_INPUT, "%s: no such file beside the deck", file);
  else if (strncmp(*real, folder, length) != 0 || ((*real)[length] != '/' && strcmp(folder, "/") != 0))
    st = ogi_fail(err, OG_E_INPUT, "%s: lies outside of the folder %s", file, r->opts->folder);
  else if (stat(*real, &info) != 0 || !S_ISREG(info.st_mode))
    st = ogi_fail(err, OG_E_INPUT, "%s: saw a folder or device, need a regular file", file);
  free(folder);
  ogi_free(beside);
  ogi_free(joined);
  return st;
}

static og_status include(reader *r, char *rest) {
  og_status st = OG_OK;
  char *file, *section, *real = NULL, *text = NULL;
  size_t bytes = 0;
  int told = 0; /* an error inside has its place already */
  split_include(rest, &file, &section);
  if (file[0] == '\0') return refuse(r, r->place, "saw no file name, need one");
  if (r->opts->folder == NULL)
    return refuse(r, r->place, "saw an include, need the folder that it may read from (--include-dir)");
  if (file[0] == '/' || strstr(file, "..") != NULL || file[0] == '~')
    return refuse(r, r->place, "saw an absolute path or \"..\", need a file inside the folder of includes");
  if (r->depth == INCLUDE_DEPTH_MAX)
    return refuse(r, r->place, "saw includes nested too deep: does a file include itself?");
  if (++*r->includes > INCLUDES_MAX) return refuse(r, r->place, "saw more than 10000 includes in all");
  if (*r->bytes >= r->opts->bytes_max) return refuse(r, r->place, "saw more bytes in all than may be read");
  OGI_TRY(st, locate(r, file, &real, r->err));
  OGI_TRY(st, ogi_file_read(&text, &bytes, real, r->opts->bytes_max - *r->bytes, r->err));
  *r->bytes += bytes;
  size_t number = ogi_names_add(r->out->files, file);
  if (number == OGI_NO_NAME) {
    st = ogi_fail(r->err, OG_E_NOMEM, "include");
    goto done;
  }
  reader inner = {.out = r->out,
                  .opts = r->opts,
                  .path = real,
                  .file = (unsigned)number,
                  .at = text,
                  .end = text + bytes,
                  .section = section,
                  .depth = r->depth + 1,
                  .bytes = r->bytes,
                  .includes = r->includes,
                  .err = r->err};
  st = read_text(&inner);
  told = st != OG_OK;
  if (st == OG_OK && section != NULL && !inner.found)
    st = ogi_fail(r->err, OG_E_INPUT, "%s: has no section %s", file, section);
done:
  if (st != OG_OK && !told) st = ogi_at(r->out, r->place, st, r->err);
  free(real);
  ogi_free(text);
  return st;
}

/* In a library file: where sections begin and end. @return 1 if the line was about that */
static int mark_section(reader *r) {
  if (r->section == NULL) return 0;
  if (begins(r->joined, ".endl")) {
    r->inside = 0;
    return 1;
  }
  char *rest = r->joined + 4, *file, *more;
  if (begins(r->joined, ".lib") && !r->inside) {
    split_include(rest, &file, &more);
    r->inside = strcasecmp(file, r->section) == 0;
    r->found |= r->inside;
    return 1;
  }
  return !r->inside;
}

/* A logical line is complete. ended: it was .end */
static og_status finish(reader *r, int *ended) {
  og_status st;
  while (r->used > 0 && is_blank(r->joined[r->used - 1])) r->joined[--r->used] = '\0';
  if (r->used == 0 || mark_section(r)) {
    r->used = 0;
    return OG_OK;
  }
  OGI_TRY(st, check_letters(r));
  if (is_order(r->joined))
    return refuse(r, r->place, "saw a card that gives orders to ngspice, need a deck that is data only");
  *ended = begins(r->joined, ".end");
  if (begins(r->joined, ".include") || begins(r->joined, ".inc"))
    st = include(r, r->joined + strcspn(r->joined, " \t"));
  else if (begins(r->joined, ".lib")) st = include(r, r->joined + 4);
  else if (!*ended) st = keep(r);
  if (st == OG_OK) r->used = 0;
done:
  return st;
}

static og_status read_text(reader *r) {
  og_status st = OG_OK;
  const char *text;
  size_t length;
  int ended = 0;
  OGI_TRY(st, append(r, "", 0));
  while (!ended && next_line(r, &text, &length)) {
    if (memchr(text, '\0', length) != NULL) {
      st = refuse(r, (ogi_place){r->file, r->number}, "saw a zero byte, need text");
      break;
    }
    size_t blanks = 0;
    while (blanks < length && is_blank(text[blanks])) blanks++;
    text += blanks;
    length -= blanks;
    if (length == 0 || text[0] == '*') continue; /* a continuation may still follow */
    size_t kept = before_comment(text, length);
    if (kept == 0) continue;
    if (text[0] == '+') {
      if (r->used == 0) {
        st = refuse(r, (ogi_place){r->file, r->number}, "saw a continuation \"+\", need a line before it");
        break;
      }
      OGI_TRY(st, append(r, " ", 1));
      OGI_TRY(st, append(r, text + 1, kept - 1));
      continue;
    }
    OGI_TRY(st, finish(r, &ended));
    if (ended) break;
    r->place = (ogi_place){r->file, r->number};
    OGI_TRY(st, append(r, text, kept));
  }
  if (st == OG_OK && !ended) st = finish(r, &ended);
done:
  ogi_free(r->joined);
  return st;
}

/* The first line is the title, whatever it says. */
static og_status take_title(reader *r) {
  const char *text = "";
  size_t length = 0;
  next_line(r, &text, &length);
  r->out->title = ogi_alloc(ogi_min_size(length, 200) + 1, 1);
  if (r->out->title == NULL) return ogi_fail(r->err, OG_E_NOMEM, "deck: title");
  for (size_t k = 0; k < length && k < 200; k++) r->out->title[k] = text[k] >= ' ' && text[k] < 127 ? text[k] : ' ';
  return OG_OK;
}

og_status ogi_lines_split(ogi_lines *out, const char *name, const char *text, size_t bytes, const ogi_lines_opts *opts,
                          og_error *err) {
  og_status st = OG_OK;
  size_t total = bytes, includes = 0;
  *out = (ogi_lines){.files = ogi_names_create()};
  if (out->files == NULL || ogi_names_add(out->files, name) == OGI_NO_NAME) {
    st = ogi_fail(err, OG_E_NOMEM, "deck %s", name);
    goto done;
  }
  if (bytes > opts->bytes_max) {
    st = ogi_fail(err, OG_E_INPUT, "%s: saw %zu bytes, need at most %zu", name, bytes, opts->bytes_max);
    goto done;
  }
  reader r = {.out = out, .opts = opts, .path = name, .at = text, .end = text + bytes, .bytes = &total,
              .includes = &includes, .err = err};
  OGI_TRY(st, take_title(&r));
  st = read_text(&r);
done:
  if (st != OG_OK) ogi_lines_clear(out);
  return st;
}

void ogi_lines_clear(ogi_lines *l) {
  for (size_t k = 0; k < l->all.count; k++) ogi_free(l->all.item[k].text);
  ogi_free(l->all.item);
  ogi_free(l->title);
  ogi_names_free(l->files);
  *l = (ogi_lines){0};
}
