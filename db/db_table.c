/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "db_table.h"

const struct db_table *const db_tables[_NUM_DB_ROW_TYPE] = {
	[DB_EXTENSION] = &db_table_extension, [DB_PAIRING] = &db_table_pairing,
	[DB_CONTACT] = &db_table_contact,     [DB_HANDSET] = &db_table_handset,
	[DB_SETTING] = &db_table_setting,     [DB_LOG] = &db_table_log,
};
