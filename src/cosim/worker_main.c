/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The program ohmgrid-spice: one ngspice in a process of its own, fed by the library (protocol: ogi_protocol.h).
 * It ends when its input does, or when ngspice has asked to be unloaded: an undefined parameter spoils it for good.
 */
#include <config.h>

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_worker.h"

/*
 * One thread (the OpenMP default made runs up to 300 times slower), no tables, no questions. The blank comment comes
 * first because ngspice takes the first line of a script for its title.
 */
static const char init_text[] =
    "*\nset num_threads=1\nset noinit\nset noacct\nset norefvalue\nset noaskquit\nset nomoremode\n"
    "unset interactive\n";

static void write_init(const char *name) {
  FILE *file = fopen(name, "w");
  if (file == NULL || fputs(init_text, file) == EOF || fclose(file) != 0) die("%s: %s", name, strerror(errno));
}

/*
 * ngspice reads spinit from SPICE_SCRIPTS, then .spiceinit from the current folder, else from the home in the password
 * file (and crashes if the user has no entry there). A folder of our own answers all of it. It is gone again before the
 * first deck, so that no death can leave it behind, yet stays the current one: in a folder that is no more no file can
 * be made, and no relative name leads anywhere.
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
  int code = ngSpice_Init(said, status_told, leave, take_data, take_outline, NULL, w);
  if (code == 0) code = ngSpice_Init_Sync(get_value, get_value, NULL, NULL, w);
  (void)!(unlink("spinit") | unlink(".spiceinit") | rmdir(folder)); /* best effort: no answer needs it */
  if (code != 0 || w->gave_up) die("ngspice cannot be initialised: %s", w->notes);
}

static void harden(void) {
  const struct rlimit none = {0, 0};
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* a long run sees no end of input: the kernel ends it with its host */
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  signal(SIGINT, SIG_IGN); /* the host decides */
  signal(SIGPIPE, SIG_IGN);
  setrlimit(RLIMIT_CORE, &none);
  setlocale(LC_ALL, "C"); /* with a decimal comma ngspice misreads decks */
  setenv("LC_ALL", "C", 1);
}

/* From here on nothing is to be written to any file, and nothing to be started. */
static void harden_more(void) {
  const struct rlimit none = {0, 0};
  signal(SIGXFSZ, SIG_IGN); /* a write fails then, instead of killing */
  setrlimit(RLIMIT_FSIZE, &none);
  setrlimit(RLIMIT_NPROC, &none);
}

static void limit_memory(size_t bytes) {
#ifndef __SANITIZE_ADDRESS__ /* its shadow takes terabytes of address space */
  const struct rlimit limit = {bytes, bytes};
  if (bytes > 0) setrlimit(RLIMIT_AS, &limit);
#else
  (void)bytes;
#endif
}

/* Read a whole request; 0 at the end of input. */
static int read_request(const worker *w, ogi_message *m, char **payload) {
  *payload = NULL;
  if (!read_all(w->in, m, sizeof *m)) return 0;
  if (m->magic != OGI_SPICE_MAGIC || m->protocol != OGI_SPICE_PROTOCOL)
    die("foreign request, need protocol %u: library and program are of different versions", OGI_SPICE_PROTOCOL);
  *payload = need(m->bytes + 1, 1); /* blocks are zeroed, so a text ends with 0 whatever came */
  return read_all(w->in, *payload, m->bytes);
}

static void reply(const worker *w, int ok, const char *text) {
  uint16_t kind = ok ? OGI_M_DONE : w->gave_up ? OGI_M_SPOILT : OGI_M_REFUSED;
  send_message(w, (ogi_message){.kind = kind, .bytes = strlen(text)}, text);
}

/* Takes the payload over. */
static void serve(worker *w, const ogi_message *m, char *payload) {
  int ok = 1;
  if (m->kind == OGI_M_LOAD) {
    limit_memory(m->count);
    ok = load(w, payload);
    payload = NULL;
  } else if (m->kind == OGI_M_ALTER) {
    ok = alter(w, payload, m->bytes, m->count);
  } else if (m->kind == OGI_M_SOURCE) {
    ok = add_source(w, payload, m->bytes);
  } else if (m->kind == OGI_M_FORGET) {
    forget_circuit(w);
  } else if (m->kind == OGI_M_RUN) {
    ok = run(w, payload, m->bytes);
  } else {
    die("foreign request");
  }
  ogi_free(payload);
  if (m->kind != OGI_M_RUN || !ok) reply(w, ok, ok ? w->version : w->why);
}

int main(int argc, char **argv) {
  worker w = {0};
  ogi_message m;
  char *payload;
  (void)argv;
  if (argc > 1 || isatty(0)) die("started by ohmgrid itself, takes decks on its input; not for use by hand");
  harden();
  take_channel(&w);
  start_ngspice(&w);
  harden_more();
  while (!w.gave_up && read_request(&w, &m, &payload)) serve(&w, &m, payload);
  _exit(0); /* not exit: ngspice's own farewell is not needed and has crashed before */
}
