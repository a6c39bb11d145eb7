/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * air.h - the air between the simulated base and a simulated handset
 *
 *     handset                                           base
 *        |  UNIX stream socket base-NAME.sock             |
 *        |<------------- BEACON: rfpi, open? -------------|  broadcast
 *        |<------------- PAGE: network-layer bytes -------|  broadcast
 *        |<============= DATA: network-layer bytes ======>|
 *        |<------------- AUDIO: 20 ms ------------------->|
 *        |-------------- RADIO: in or out of range ------>|  to the ether
 *
 * One connection is one radio.  Each frame on it:
 *
 *     octet 1..2   length of the rest, type included, big-endian
 *     octet 3      type (enum air_type)
 *     octet 4..    payload
 *
 * DATA and PAGE carry one message of EN 300 175-5 each, as it would be in a
 * data-link frame.  What is below the network layer (MAC, DLC) is not played:
 * a frame arrives or it does not.  AUDIO is linear 16-bit PCM, big-endian,
 * 160 or 320 samples: a real air carries G.726 or G.722, which the codec list
 * in the messages negotiates and which sets the rate here; the loss those
 * codecs add is not played.
 *
 * RADIO speaks not to the base but to the ether between: while a handset is
 * out of range the ether swallows all frames both ways, and the base learns
 * of it as a real one does, by silence.
 *
 * Limits: a longer frame, an unknown type, an AUDIO or BEACON of the wrong
 * size are nonsense: counted, and the connection is cut off.  Network-layer
 * nonsense in a sound frame is answered or ignored as EN 300 175-5 clause 17
 * has it, and counted.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AIR_HEADER 3
#define AIR_PAYLOAD_MAX 1024
#define AIR_FRAME_MAX (AIR_HEADER + AIR_PAYLOAD_MAX)
#define AIR_AUDIO_SAMPLES_MAX 320

enum air_type {
	AIR_BEACON = 1, /* base: RFPI (5 octets), flags (1 octet) */
	AIR_PAGE = 2,	/* base: LCE-REQUEST-PAGE, to everyone */
	AIR_DATA = 3,	/* both: a message of the network layer */
	AIR_AUDIO = 4,	/* both: 20 ms of PCM */
	AIR_RADIO = 5,	/* handset: 1 octet, 1 in range, 0 out */
};

#define AIR_BEACON_SIZE 6
#define AIR_PAGE_SIZE 5 /* header code in 4 bits, then the IPUI's lower 36 */
#define AIR_PAGE_HEADER 0x10
#define AIR_BEACON_OPEN 0x01 /* subscription is open */

struct air_frame {
	enum air_type type;
	const uint8_t *data; /* into the bytes it was read from */
	size_t len;
};

/* Append a frame to @buf of @size bytes; its length, 0 if it does not fit. */
size_t air_write(uint8_t *buf, size_t size, enum air_type type,
		 const uint8_t *data, size_t len);

/*
 * Bytes of a stream become frames.  Holds at most one frame's worth.
 */
struct air_reader {
	uint8_t buf[AIR_FRAME_MAX];
	size_t used;
};

void air_reader_init(struct air_reader *reader);
/*
 * Take bytes off *@data.  1: *@ret_frame is the next frame, until the next
 * call; 0: all bytes are taken and there is no whole frame; -EPROTO: no
 * frame of ours will come of this stream.
 */
int air_read(struct air_reader *reader, const uint8_t **data, size_t *len,
	     struct air_frame *ret_frame);

/* PCM in the machine's order to and from the air's. */
size_t air_pcm_write(uint8_t *bytes, const int16_t *pcm, size_t samples);
size_t air_pcm_read(int16_t *pcm, const uint8_t *bytes, size_t len);
