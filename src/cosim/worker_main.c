/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The program ohmgrid-spice: one ngspice in a process of its own, fed by the library (protocol: ogi_protocol.h).
 *
 * The return codes of libngspice prove nothing (it answers 0 to nearly all failures), so success is shown: after a load
 * a resistor of the deck must be there, after a run a plot with every vector asked for, all finite, and no complaint
 * on ngspice's error channel. After any refusal the program ends: an undefined parameter spoils ngspice for good.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ngspice/sharedspice.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_protocol.h"

typedef struct worker {
  int in, out;
  char version[sizeof((ogi_spice_reply *)0)->version];
  char words[OGI_SPICE_TEXT_MAX / 2]; /* what ngspice said on its error channel since the last deck came */
  int complained;                     /* some of it was an error                                         */
  int gave_up;                        /* ngspice asked to be unloaded                                    */
} worker;

/* One deck with all that belongs to it. */
typedef struct job {
  ogi_spice_request head;
  char *deck, *names;
  char **lines; /* into deck, NULL at the end */
  char **known; /* names of the solution's vectors, sorted; ngspice's own strings */
  size_t known_count;
  double *values;
  char why[OGI_SPICE_TEXT_MAX];
} job;

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...) {
  va_list args;
  fputs("ohmgrid-spice: ", stderr);
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fputc('\n', stderr);
  _exit(1); /* not exit: nothing of ngspice's shall run any more */
}

/* --- ngspice's callbacks ------------------------------------------------------------------------------------------ */

static int is_error(const char *text) {
  static const char *const signs[] = {"error", "singular matrix", "aborted", "not started", "timestep too small"};
  for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
    if (strcasestr(text, signs[k]) != NULL) return 1;
  return 0;
}

/* Lines come as "stdout ..." or "stderr ..."; the banner at the start is where the version can be learnt. */
static int said(char *text, int library, void *user) {
  worker *w = user;
  const char *banner = strstr(text, "ngspice-");
  (void)library;
  if (w->version[0] == '\0' && banner != NULL)
    snprintf(w->version, sizeof w->version, "%.*s", (int)strcspn(banner, " \t\n"), banner);
  if (strncmp(text, "stderr ", 7) != 0) return 0;
  text += 7;
  if (is_error(text)) w->complained = 1;
  else if (strstr(text, "Note:") != NULL || strstr(text, "Trying gmin") != NULL) return 0;
  size_t used = strlen(w->words);
  snprintf(w->words + used, sizeof w->words - used, "%s%s", used > 0 ? "; " : "", text);
  return 0;
}

static int status(char *text, int library, void *user) {
  (void)text, (void)library, (void)user;
  return 0;
}

static int leave(int code, NG_BOOL at_once, NG_BOOL by_quit, int library, void *user) {
  (void)code, (void)at_once, (void)by_quit, (void)library;
  ((worker *)user)->gave_up = 1;
  return 0;
}

/* --- start -------------------------------------------------------------------------------------------------------- */

/*
 * One thread (the OpenMP default made runs up to 300 times slower), no tables, no questions. The blank comment comes
 * first because ngspice takes the first line of a script for its title.
 */
static const char init_text[] =
    "*\nset num_threads=1\nset noinit\nset noacct\nset norefvalue\nset noaskquit\nset nomoremode\n"
    "set strict_errorhandling\nunset interactive\n";

static void write_init(const char *name) {
  FILE *file = fopen(name, "w");
  if (file == NULL || fputs(init_text, file) == EOF || fclose(file) != 0) die("%s: %s", name, strerror(errno));
}

/*
 * ngspice reads spinit from SPICE_SCRIPTS, then .spiceinit from the current folder, else from the home in the password
 * file (and crashes if the user has no entry there). A folder of our own answers all of it; it is gone again before the
 * first deck, so that no death can leave it behind.
 */
static void start_ngspice(worker *w) {
  char folder[4096];
  const char *base = getenv("TMPDIR");
  if (base == NULL || base[0] == '\0') base = "/tmp";
  if (snprintf(folder, sizeof folder, "%s/ohmgrid-spice-XXXXXX", base) >= (int)sizeof folder || mkdtemp(folder) == NULL)
    die("%s: no folder can be made there (%s); set TMPDIR", base, strerror(errno));
  if (chdir(folder) != 0) die("%s: %s", folder, strerror(errno));
  write_init("spinit");
  write_init(".spiceinit");
  setenv("SPICE_SCRIPTS", folder, 1);
  setenv("SPICE_USERINIT_DIR", folder, 1); /* 39 does not look at this one nor at HOME, later ones do */
  setenv("HOME", folder, 1);
  int code = ngSpice_Init(said, status, leave, NULL, NULL, NULL, w);
  (void)!(unlink("spinit") | unlink(".spiceinit") | chdir("/") | rmdir(folder)); /* best effort: no answer needs it */
  if (code != 0 || w->gave_up) die("ngspice cannot be initialised: %s", w->words);
}

/* ngspice must not write into the protocol: it gets /dev/null as 0 and 1, the host listens at 2. */
static void take_channel(worker *w) {
  w->in = fcntl(0, F_DUPFD_CLOEXEC, 3);
  w->out = fcntl(1, F_DUPFD_CLOEXEC, 3);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (w->in < 0 || w->out < 0 || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0) die("%s", strerror(errno));
  close(null);
}

static void harden(void) {
  const struct rlimit none = {0, 0};
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* a long run sees no end of input: the kernel ends it with its host */
  signal(SIGINT, SIG_IGN);          /* the host decides */
  signal(SIGPIPE, SIG_IGN);
  setrlimit(RLIMIT_CORE, &none);
  setlocale(LC_ALL, "C"); /* with a decimal comma ngspice misreads decks */
  setenv("LC_ALL", "C", 1);
}

/* --- the channel -------------------------------------------------------------------------------------------------- */

/* Exactly so many bytes; 0 if the input ends instead. */
static int read_all(int fd, void *data, size_t bytes) {
  char *p = data;
  while (bytes > 0) {
    ssize_t got = read(fd, p, bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return 0;
    p += got;
    bytes -= (size_t)got;
  }
  return 1;
}

static void write_all(int fd, const void *data, size_t bytes) {
  const char *p = data;
  while (bytes > 0) {
    ssize_t put = write(fd, p, bytes);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) _exit(1); /* nobody listens any more */
    p += put;
    bytes -= (size_t)put;
  }
}

static void *need(size_t count, size_t size) {
  void *block = ogi_alloc(count, size);
  if (block == NULL) die("out of memory");
  return block;
}

/* 0 at the end of input. Blocks of the last job are released first. */
static int read_job(worker *w, job *j) {
  ogi_free(j->deck);
  ogi_free(j->names);
  ogi_free(j->lines);
  ogi_free(j->known);
  ogi_free(j->values);
  memset(j, 0, sizeof *j);
  if (!read_all(w->in, &j->head, sizeof j->head)) return 0;
  if (j->head.magic != OGI_SPICE_MAGIC || j->head.protocol != OGI_SPICE_PROTOCOL)
    die("foreign request, need protocol %u: library and program are of different versions", OGI_SPICE_PROTOCOL);
  j->deck = need(j->head.deck_bytes + 1, 1); /* blocks are zeroed, so both texts end with 0 whatever came */
  j->names = need(j->head.names_bytes + 1, 1);
  j->values = need(j->head.count, sizeof *j->values);
  return read_all(w->in, j->deck, j->head.deck_bytes) && read_all(w->in, j->names, j->head.names_bytes);
}

static void answer(const worker *w, const job *j, uint32_t outcome) {
  ogi_spice_reply reply = {.magic = OGI_SPICE_MAGIC, .protocol = OGI_SPICE_PROTOCOL, .outcome = outcome};
  memcpy(reply.version, w->version, sizeof reply.version);
  reply.bytes = outcome == OGI_SPICE_DONE ? j->head.count * sizeof *j->values : strlen(j->why);
  write_all(w->out, &reply, sizeof reply);
  write_all(w->out, outcome == OGI_SPICE_DONE ? (const void *)j->values : j->why, reply.bytes);
}

/* --- one deck ----------------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static int refuse(const worker *w, job *j, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int used = vsnprintf(j->why, sizeof j->why, format, args);
  va_end(args);
  if (w->words[0] != '\0' && used >= 0 && (size_t)used < sizeof j->why)
    snprintf(j->why + used, sizeof j->why - (size_t)used, ": %s", w->words);
  return 0;
}

static void split_lines(job *j) {
  size_t count = 1;
  for (const char *p = j->deck; *p != '\0'; p++) count += *p == '\n';
  j->lines = need(count + 1, sizeof *j->lines);
  char *p = j->deck;
  for (size_t k = 0; k < count; k++) j->lines[k] = strsep(&p, "\n");
  if (j->lines[count - 1][0] == '\0') j->lines[count - 1] = NULL; /* the newline of the last line opens no other */
}

/* A load that failed leaves no error code, but the last resistor of the deck is not there. */
static int resistor_is_there(const job *j) {
  char probe[256] = "";
  for (size_t k = 1; j->lines[0] != NULL && j->lines[k] != NULL; k++) {
    const char *line = j->lines[k];
    if (line[0] == 'r' || line[0] == 'R')
      snprintf(probe, sizeof probe, "@%.*s[resistance]", (int)strcspn(line, " \t"), line);
  }
  return probe[0] == '\0' || ngGet_Vec_Info(probe) != NULL;
}

/* Everything ngspice keeps of a circuit; without the last call its history grows. */
static void forget_circuit(void) {
  ngSpice_Command((char[]){"destroy all"});
  ngSpice_Command((char[]){"remcirc"});
  ngSpice_Command(NULL);
}

static int load(worker *w, job *j) {
  split_lines(j);
  if (j->lines[0] == NULL) return refuse(w, j, "the deck is empty");
  int code = ngSpice_Circ(j->lines);
  int loaded = code == 0 && !w->gave_up && !w->complained && resistor_is_there(j);
  return loaded ? 1 : refuse(w, j, "ngspice refused the deck");
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list_vectors(job *j, char *plot) {
  char **all = ngSpice_AllVecs(plot);
  while (all != NULL && all[j->known_count] != NULL) j->known_count++;
  j->known = need(j->known_count, sizeof *j->known);
  for (size_t k = 0; k < j->known_count; k++) j->known[k] = all[k];
  qsort(j->known, j->known_count, sizeof *j->known, by_name);
}

/* Asked for a vector that the plot does not have, ngspice answers with its constant of that name, say "c" or "e". */
static int read_vector(worker *w, job *j, char *name, double *value) {
  if (bsearch(&name, j->known, j->known_count, sizeof *j->known, by_name) == NULL)
    return refuse(w, j, "the solution has no vector %s", name);
  const vector_info *vector = ngGet_Vec_Info(name);
  if (vector == NULL || vector->v_realdata == NULL || vector->v_length < 1)
    return refuse(w, j, "vector %s holds no real value", name);
  *value = vector->v_realdata[vector->v_length - 1];
  return isfinite(*value) ? 1 : refuse(w, j, "vector %s: saw %g, need a finite value", name, *value);
}

static int run(worker *w, job *j) {
  int code = ngSpice_Command((char[]){"run"});
  if (code != 0 || w->gave_up || w->complained) return refuse(w, j, "ngspice failed to solve the deck");
  char *plot = ngSpice_CurPlot();
  if (plot == NULL || strcmp(plot, "const") == 0) return refuse(w, j, "the deck has no analysis");
  list_vectors(j, plot);
  char *name = j->names, *end = j->names + j->head.names_bytes;
  uint64_t k = 0;
  for (; k < j->head.count && name < end; k++, name += strlen(name) + 1)
    if (!read_vector(w, j, name, &j->values[k])) return 0;
  return k == j->head.count ? 1 : refuse(w, j, "fewer names came than were announced");
}

/* The host's clock is the judge; this is for a host that was stopped and cannot judge. */
static void limit_cpu(double second) {
  struct rusage used;
  struct rlimit limit;
  if (getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &limit) != 0) return;
  double until = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + second + 2;
  if (!(until < 1e9)) return;
  if (limit.rlim_max == RLIM_INFINITY || (rlim_t)until < limit.rlim_max) limit.rlim_cur = (rlim_t)until;
  setrlimit(RLIMIT_CPU, &limit);
}

int main(int argc, char **argv) {
  worker w = {0};
  job j = {0};
  (void)argv;
  if (argc > 1 || isatty(0)) die("started by ohmgrid itself, takes decks on its input; not for use by hand");
  harden();
  take_channel(&w);
  start_ngspice(&w);
  while (read_job(&w, &j)) {
    w.words[0] = '\0';
    w.complained = 0;
    limit_cpu(j.head.cpu_second);
    if (!load(&w, &j) || !run(&w, &j)) {
      answer(&w, &j, OGI_SPICE_REFUSED);
      break;
    }
    answer(&w, &j, OGI_SPICE_DONE);
    forget_circuit();
  }
  _exit(0); /* not exit: ngspice's own farewell is not needed and has crashed before */
}
