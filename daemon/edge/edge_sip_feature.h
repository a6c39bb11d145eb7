/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * edge_sip_feature.h - a key pressed at a phone: what its SUBSCRIBE asks for
 *
 *     <SetDoNotDisturb><device/><doNotDisturbOn>true</doNotDisturbOn>
 *     <SetForwarding><device/><forwardDN>300</forwardDN>
 *         <forwardingType>forwardBusy</forwardingType>
 *         <activateForward>true</activateForward>
 *
 * The bodies of as-feature-event (ECMA-323, CSTA XML, as phones use them).
 * Bytes of a stranger: bounded, strict, nothing allocated.
 */
#pragma once

#include "lamp.h"
#include "span.h"

struct feature_wish {
	enum feature feature;
	bool on;
	char number[NUMBER_MAX + 1]; /* "" where none was given */
};

/* 0; -EBADMSG: no such document. */
int edge_sip_feature_read(struct feature_wish *ret_wish, struct span body);
