// zstd's streaming decoder behind calls without structures.
#ifndef CLAUDE_PROXY_ZSTD_H
#define CLAUDE_PROXY_ZSTD_H

#include <stdint.h>
#include <zstd.h>

enum { czs_more = 0, czs_end = 1, czs_bad = -1 };

static inline ZSTD_DStream *czs_open(int window_log) {
  ZSTD_DStream *stream = ZSTD_createDStream();
  if (stream && ZSTD_isError(ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, window_log))) {
    ZSTD_freeDStream(stream);
    return NULL;
  }
  return stream;
}

// Takes from `input` and adds to `output`; both counts say afterwards how much was used. A next frame begins by itself.
static inline int czs_inflate(ZSTD_DStream *stream, const uint8_t *input, size_t *taken, uint8_t *output, size_t *made) {
  ZSTD_inBuffer in = {input, *taken, 0};
  ZSTD_outBuffer out = {output, *made, 0};
  size_t left = ZSTD_decompressStream(stream, &out, &in);
  *taken = in.pos;
  *made = out.pos;
  if (ZSTD_isError(left)) return czs_bad;
  return left == 0 ? czs_end : czs_more;
}

static inline void czs_close(ZSTD_DStream *stream) { ZSTD_freeDStream(stream); }

#endif
