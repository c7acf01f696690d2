// zlib's streams as a pointer that stays where it is (zlib keeps its address), and calls without macros.
#ifndef CLAUDE_PROXY_ZLIB_H
#define CLAUDE_PROXY_ZLIB_H

#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

enum { cz_more = 0, cz_end = 1, cz_bad = -1 };

static inline z_stream *cz_open(void) {
  z_stream *stream = (z_stream *)calloc(1, sizeof *stream);
  // 16: gzip's format and no other.
  if (stream && inflateInit2(stream, MAX_WBITS + 16) != Z_OK) {
    free(stream);
    return NULL;
  }
  return stream;
}

// Takes from `input` and adds to `output`; both counts say afterwards how much was used.
static inline int cz_inflate(z_stream *stream, const uint8_t *input, size_t *taken, uint8_t *output, size_t *made) {
  uInt available = *taken > UINT32_MAX ? UINT32_MAX : (uInt)*taken;
  uInt room = *made > UINT32_MAX ? UINT32_MAX : (uInt)*made;
  stream->next_in = (Bytef *)input;
  stream->avail_in = available;
  stream->next_out = output;
  stream->avail_out = room;
  int result = inflate(stream, Z_NO_FLUSH);
  *taken = available - stream->avail_in;
  *made = room - stream->avail_out;
  if (result == Z_STREAM_END) return cz_end;
  return result == Z_OK || result == Z_BUF_ERROR ? cz_more : cz_bad;
}

// For the next member of the same file.
static inline int cz_restart(z_stream *stream) { return inflateReset(stream); }

static inline void cz_close(z_stream *stream) {
  inflateEnd(stream);
  free(stream);
}

#endif
