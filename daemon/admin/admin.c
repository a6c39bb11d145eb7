/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "admin.h"

#include <osmocom/core/utils.h>
#include <talloc.h>

#include "api.h"
#include "ctl_socket.h"
#include "http.h"

struct admin {
	struct api *api;
	struct ctl_socket *ctl;
	struct http *http;
};

/* The doors first: they tell the api who no longer waits. */
static int admin_gone(struct admin *admin)
{
	talloc_free(admin->http);
	talloc_free(admin->ctl);
	return 0;
}

struct admin *admin_new(void *ctx, struct core *core,
			const struct admin_ops *ops)
{
	struct admin *admin = talloc_zero(ctx, struct admin);

	OSMO_ASSERT(admin);
	admin->api = api_new(admin, core, ops);
	talloc_set_destructor(admin, admin_gone);
	return admin;
}

void admin_free(struct admin *admin)
{
	talloc_free(admin);
}

void admin_reply(struct admin *admin, const struct act_reply *reply)
{
	api_reply(admin->api, reply);
}

void admin_page(struct admin *admin, uint64_t token, int rc,
		const struct db_log *rows, size_t n)
{
	api_page(admin->api, token, rc, rows, n);
}

int admin_listen_control(struct admin *admin, struct event_base *base,
			 const char *path, char why[ADMIN_WHY_MAX])
{
	OSMO_ASSERT(!admin->ctl);
	return ctl_socket_new(admin, base, admin->api, path, &admin->ctl, why);
}

int admin_listen_http(struct admin *admin, struct event_base *base,
		      const char *address, uint16_t port, uint16_t *ret_port,
		      char why[ADMIN_WHY_MAX])
{
	if (!admin->http)
		admin->http = http_new(admin, base, admin->api);
	return http_listen(admin->http, address, port, ret_port, why);
}
