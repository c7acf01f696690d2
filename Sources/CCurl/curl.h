// libcurl's variadic functions, one inline wrapper for each kind of argument.
#ifndef CLAUDE_PROXY_CURL_H
#define CLAUDE_PROXY_CURL_H

#include <curl/curl.h>

#endif
