/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * coder.c - a phone's codecs for the stories: stdin to stdout
 *
 *     coder encode|decode PCMA|PCMU|G722|G726-32
 *
 * PCM is 16 bits in the machine's order, 16000 Hz for G.722 and 8000 else.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <spandsp.h>

#define CHUNK 960 /* bytes of payload at a time */

union coder {
	g711_state_t *g711;
	g722_encode_state_t *g722_encode;
	g722_decode_state_t *g722_decode;
	g726_state_t *g726;
};

enum kind { PCMA, PCMU, G722, G726, _NUM_KIND };

static const char *const names[] = { "PCMA", "PCMU", "G722", "G726-32" };

/* Samples of one byte. */
static const int samples[] = { 1, 1, 2, 2 };

static union coder open_coder(enum kind kind, bool encode)
{
	union coder c = { 0 };

	if (kind == G722 && encode)
		c.g722_encode = g722_encode_init(NULL, 64000, 0);
	else if (kind == G722)
		c.g722_decode = g722_decode_init(NULL, 64000, 0);
	else if (kind == G726) /* RFC 3551, 4.5.4: the first sample is low */
		c.g726 = g726_init(NULL, 32000, G726_ENCODING_LINEAR,
				   G726_PACKING_RIGHT);
	else
		c.g711 = g711_init(NULL, kind == PCMA ? G711_ALAW : G711_ULAW);
	return c;
}

static void close_coder(enum kind kind, bool encode, union coder c)
{
	if (kind == G722 && encode)
		g722_encode_free(c.g722_encode);
	else if (kind == G722)
		g722_decode_free(c.g722_decode);
	else if (kind == G726)
		g726_free(c.g726);
	else
		g711_free(c.g711);
}

static int encode(enum kind kind, union coder c, const int16_t *pcm, int n,
		  uint8_t *bytes)
{
	switch (kind) {
	case G722:
		return g722_encode(c.g722_encode, bytes, pcm, n);
	case G726:
		return g726_encode(c.g726, bytes, pcm, n);
	default:
		return g711_encode(c.g711, bytes, pcm, n);
	}
}

static int decode(enum kind kind, union coder c, const uint8_t *bytes, int n,
		  int16_t *pcm)
{
	switch (kind) {
	case G722:
		return g722_decode(c.g722_decode, pcm, bytes, n);
	case G726:
		return g726_decode(c.g726, pcm, bytes, n);
	default:
		return g711_decode(c.g711, pcm, bytes, n);
	}
}

static void run(enum kind kind, bool is_encode)
{
	union coder c = open_coder(kind, is_encode);
	static uint8_t bytes[CHUNK];
	static int16_t pcm[2 * CHUNK];
	size_t n;

	if (is_encode)
		while ((n = fread(pcm, 2, CHUNK * samples[kind], stdin)) > 0)
			fwrite(bytes, 1, encode(kind, c, pcm, n, bytes),
			       stdout);
	else
		while ((n = fread(bytes, 1, CHUNK, stdin)) > 0)
			fwrite(pcm, 2, decode(kind, c, bytes, n, pcm), stdout);
	close_coder(kind, is_encode, c);
}

int main(int argc, char **argv)
{
	int kind;

	for (kind = 0; argc == 3 && kind < _NUM_KIND; kind++) {
		if (strcmp(argv[2], names[kind]))
			continue;
		run(kind, !strcmp(argv[1], "encode"));
		return ferror(stdin) || fflush(stdout) ? 1 : 0;
	}
	fputs("usage: coder encode|decode PCMA|PCMU|G722|G726-32\n", stderr);
	return 2;
}
