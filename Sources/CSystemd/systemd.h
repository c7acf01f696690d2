// What the daemon uses of libsystemd. The location macros are switched off: records carry no source file and line.
#ifndef CLAUDE_PROXY_SYSTEMD_H
#define CLAUDE_PROXY_SYSTEMD_H

#define SD_JOURNAL_SUPPRESS_LOCATION 1
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

#endif
