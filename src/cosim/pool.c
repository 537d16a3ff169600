/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Several sessions at once. Each belongs to one thread from its opening to its end, because the child dies with the
 * thread that started it.
 */
#include <config.h>

#include <pthread.h>
#include <stdatomic.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_spice.h"

#define SESSIONS_MAX 1024

typedef struct pool {
  og_spice_opts opts;
  og_progress progress; /* the caller's; sessions get ours */
  size_t jobs;
  og_spice_job job;
  void *user;
  og_status *statuses;
  atomic_size_t next;
  atomic_int cancelled; /* no further job begins                */
  atomic_int interrupted; /* the caller wants no more           */
  pthread_mutex_t lock; /* of what follows, and of the progress */
  size_t failed;        /* lowest number of a job that failed   */
  og_status st;
  og_error err;
  size_t done;
} pool;

/* Sessions ask through here, so that the caller is asked by one thread at a time, and one answer stops all. */
static int ask(void *user, const char *phase, double fraction) {
  pool *p = user;
  (void)fraction;
  if (atomic_load(&p->interrupted)) return 1;
  if (p->progress.report == NULL) return 0;
  pthread_mutex_lock(&p->lock);
  int stop = p->progress.report(p->progress.user, phase, (double)p->done / (double)p->jobs);
  pthread_mutex_unlock(&p->lock);
  if (stop) {
    atomic_store(&p->interrupted, 1);
    atomic_store(&p->cancelled, 1);
  }
  return stop;
}

/* A failure before any job has the number 0 of jobs, so that those of jobs go before it. */
static void note(pool *p, size_t index, og_status st, const og_error *err) {
  pthread_mutex_lock(&p->lock);
  p->done++;
  if (p->statuses != NULL && index < p->jobs) p->statuses[index] = st;
  if (st != OG_OK && (p->st == OG_OK || index < p->failed)) {
    p->failed = index;
    p->st = st;
    p->err = *err;
  }
  pthread_mutex_unlock(&p->lock);
  if (st != OG_OK && (p->statuses == NULL || st == OG_E_INTERRUPT)) atomic_store(&p->cancelled, 1);
}

static void *work(void *user) {
  pool *p = user;
  og_spice *s = NULL;
  og_error err = {0};
  og_status st = og_spice_open(&s, &p->opts, &err);
  if (st != OG_OK) {
    note(p, p->jobs, st, &err);
    atomic_store(&p->cancelled, 1);
    return NULL;
  }
  while (!atomic_load(&p->cancelled)) {
    size_t index = atomic_fetch_add(&p->next, 1);
    if (index >= p->jobs) break;
    err = (og_error){0};
    st = p->job(p->user, index, s, &err);
    note(p, index, st, &err);
    if (ask(p, "ngspice", 0)) break;
  }
  og_spice_close(s);
  return NULL;
}

static og_status conclude(pool *p, size_t started, og_error *err) {
  if (atomic_load(&p->interrupted)) return ogi_fail(err, OG_E_INTERRUPT, "ngspice: stopped by the caller");
  if (started == 0) return ogi_fail(err, OG_E_EXTERN, "ngspice: no thread can be started");
  if (p->st == OG_OK || (p->statuses != NULL && p->failed < p->jobs && p->st != OG_E_INTERRUPT)) return OG_OK;
  if (p->failed == p->jobs) return ogi_fail(err, p->st, "%s", p->err.text);
  return ogi_fail(err, p->st, "job %zu: %s", p->failed, p->err.text);
}

og_status og_spice_pool_run(size_t sessions, const og_spice_opts *opts, size_t jobs, og_spice_job job, void *user,
                            og_status *statuses, og_error *err) {
  if (job == NULL) return ogi_fail(err, OG_E_ARG, "spice: the job is NULL");
  if (sessions < 1 || sessions > SESSIONS_MAX)
    return ogi_fail(err, OG_E_RANGE, "spice: sessions: saw %zu, need 1 to %d", sessions, SESSIONS_MAX);
  if (jobs == 0) return OG_OK;
  if (sessions > jobs) sessions = jobs;
  pthread_t *threads = ogi_alloc(sessions, sizeof *threads);
  pool *p = ogi_alloc(1, sizeof *p);
  if (threads == NULL || p == NULL) {
    ogi_free(threads);
    ogi_free(p);
    return ogi_fail(err, OG_E_NOMEM, "ngspice: %zu sessions", sessions);
  }
  *p = (pool){.jobs = jobs, .job = job, .user = user, .statuses = statuses};
  og_spice_opts_init(&p->opts);
  if (opts != NULL) p->opts = *opts;
  p->progress = p->opts.progress;
  p->opts.progress = (og_progress){ask, p};
  pthread_mutex_init(&p->lock, NULL);
  for (size_t k = 0; statuses != NULL && k < jobs; k++) statuses[k] = OG_E_INTERRUPT; /* of jobs that never begin */
  size_t started = 0;
  while (started < sessions && pthread_create(&threads[started], NULL, work, p) == 0) started++;
  for (size_t k = 0; k < started; k++) pthread_join(threads[k], NULL);
  og_status st = conclude(p, started, err);
  pthread_mutex_destroy(&p->lock);
  ogi_free(threads);
  ogi_free(p);
  return st;
}
