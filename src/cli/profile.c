// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The guest's profile is driven by the deadline: a thread raises the epoch, and
// where the program looks at it, the store takes a sample and sets the next one.
#include "cli/profile.h"

#include "base/num_text.h"
#include "cli/output.h"
#include "cli/report.h"
#include "os/clock.h"

enum {
    INTERVAL = 10000000, // ns
    PATH_SIZE = 4096,
};

// The part of the option up to a comma.
static Str part(const char **at) {
    const char *comma = strchr(*at, ',');
    size_t len = comma ? (size_t)(comma - *at) : strlen(*at);
    Str s = {*at, (uint32_t)len};
    *at += len + (comma != NULL);
    return s;
}

ProfileKind profile_kind(const Options *o) {
    const char *text = o->values[OPTION_profile].text;
    if (!text) return PROFILE_none;
    Str kind = part(&text);
    if (str_eq_z(kind, "guest")) return PROFILE_guest;
    if (*text) return PROFILE_unknown; // the others take nothing
    if (str_eq_z(kind, "perfmap")) return PROFILE_perfmap;
    if (str_eq_z(kind, "jitdump")) return PROFILE_jitdump;
    return PROFILE_unknown;
}

static EpochAnswer sample(void *env, Store *s) {
    Profile *p = env;
    uint64_t cpu = p->cpu_ns;
    if (clock_read(CLOCK_thread, &cpu))
        guest_profile_sample(p->guest, s, cpu - p->cpu_ns);
    p->cpu_ns = cpu;
    if (clock_now() >= p->time_over) return EPOCH_trap;
    store_set_deadline(s, 1);
    return EPOCH_continue;
}

static void fire(void *env) {
    engine_raise_epoch(env);
}

// guest[,FILE[,INTERVAL]]; the interval in the spelling of -W timeout.
static bool parse(Profile *p, const Options *o, uint64_t *interval) {
    const char *text = o->values[OPTION_profile].text;
    (void)part(&text);
    Str path = part(&text);
    p->path = path.len ? path : STR("profile.json");
    *interval = INTERVAL;
    if (!*text) return path.len < PATH_SIZE;
    return option_duration(text, interval) && *interval > 0 &&
           path.len < PATH_SIZE;
}

bool profile_start(Profile *p, const Options *o, Store *s) {
    uint64_t interval = 0;
    ProfileKind kind = profile_kind(o);
    if (kind == PROFILE_unknown ||
        (kind == PROFILE_guest && !parse(p, o, &interval)))
        return report_usage("--profile=%s: expected %s",
                            o->values[OPTION_profile].text,
                            option_info[OPTION_profile].value);
    if (kind != PROFILE_guest) return true;
    const OptionValue *timeout = &o->values[OPTION_timeout];
    p->time_over = timeout->is_set ? clock_after(timeout->number) : CLOCK_NEVER;
    p->guest = guest_profile_new(str_of(o->words.data[0]), interval);
    if (!p->guest) return report_no_memory();
    s->epoch_callback = sample;
    s->epoch_env = p;
    store_set_deadline(s, 1);
    p->timer = (Timer){
        .first = interval, .every = interval, .fire = fire, .env = s->engine};
    return timer_start(&p->timer) || report_error("cannot start a thread");
}

bool profile_add(Profile *p, RtModule *m, const char *name) {
    return !p->guest || guest_profile_add(p->guest, m, str_of(name)) ||
           report_no_memory();
}

void profile_stop(Profile *p) {
    timer_stop(&p->timer);
}

static bool write_to(Profile *p, const char *path) {
    Output out;
    if (!output_open(&out, path)) return false;
    bool ok = guest_profile_write(p->guest, output_write, &out);
    return output_close(&out, ok) && (ok || report_no_memory());
}

bool profile_finish(Profile *p) {
    char path[PATH_SIZE];
    if (!p->guest) return true;
    memcpy(path, p->path.data, p->path.len);
    path[p->path.len] = 0;
    bool ok = write_to(p, path);
    guest_profile_free(p->guest);
    p->guest = NULL;
    return ok;
}
