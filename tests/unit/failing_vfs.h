/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * failing_vfs.h - a disk that is full, or broken, when the test says so
 *
 * An SQLite VFS called "failing" over the default one: all goes through,
 * until failing_write or failing_sync holds an SQLite code for it to return.
 */
#pragma once

#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>

static atomic_int failing_write; /* SQLITE_FULL, SQLITE_IOERR_WRITE */
static atomic_int failing_after; /* writes that still succeed */
static atomic_int failing_sync;	 /* SQLITE_IOERR_FSYNC */
static atomic_int failing_read;	 /* SQLITE_IOERR_READ */
/* Writes to the database itself, not to its log: those of a checkpoint. */
static atomic_int failing_main;

struct failing_file {
	sqlite3_file base;
	sqlite3_file *real; /* behind us in the same block */
	int is_main;	    /* the database itself, not its log */
};

#define REAL(file) (((struct failing_file *)(file))->real)

static int failing_x_close(sqlite3_file *file)
{
	return REAL(file)->pMethods->xClose(REAL(file));
}

static int failing_x_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
	if (failing_read)
		return failing_read;
	return REAL(file)->pMethods->xRead(REAL(file), to, n, at);
}

static int failing_x_write(sqlite3_file *file, const void *from, int n,
			   sqlite3_int64 at)
{
	if (failing_main && ((struct failing_file *)file)->is_main)
		return failing_main;
	if (failing_write && atomic_fetch_sub(&failing_after, 1) <= 0)
		return failing_write;
	return REAL(file)->pMethods->xWrite(REAL(file), from, n, at);
}

static int failing_x_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	return REAL(file)->pMethods->xTruncate(REAL(file), size);
}

static int failing_x_sync(sqlite3_file *file, int flags)
{
	if (failing_sync)
		return failing_sync;
	return REAL(file)->pMethods->xSync(REAL(file), flags);
}

static int failing_x_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return REAL(file)->pMethods->xFileSize(REAL(file), size);
}

static int failing_x_lock(sqlite3_file *file, int lock)
{
	return REAL(file)->pMethods->xLock(REAL(file), lock);
}

static int failing_x_unlock(sqlite3_file *file, int lock)
{
	return REAL(file)->pMethods->xUnlock(REAL(file), lock);
}

static int failing_x_check_lock(sqlite3_file *file, int *result)
{
	return REAL(file)->pMethods->xCheckReservedLock(REAL(file), result);
}

static int failing_x_control(sqlite3_file *file, int op, void *arg)
{
	return REAL(file)->pMethods->xFileControl(REAL(file), op, arg);
}

static int failing_x_sector_size(sqlite3_file *file)
{
	return REAL(file)->pMethods->xSectorSize(REAL(file));
}

static int failing_x_device(sqlite3_file *file)
{
	return REAL(file)->pMethods->xDeviceCharacteristics(REAL(file));
}

static int failing_x_shm_map(sqlite3_file *file, int page, int size, int extend,
			     void volatile **memory)
{
	return REAL(file)->pMethods->xShmMap(REAL(file), page, size, extend,
					     memory);
}

static int failing_x_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	return REAL(file)->pMethods->xShmLock(REAL(file), offset, n, flags);
}

static void failing_x_shm_barrier(sqlite3_file *file)
{
	REAL(file)->pMethods->xShmBarrier(REAL(file));
}

static int failing_x_shm_unmap(sqlite3_file *file, int remove)
{
	return REAL(file)->pMethods->xShmUnmap(REAL(file), remove);
}

static const sqlite3_io_methods failing_methods = {
	.iVersion = 2, /* with shared memory, without mapped reads */
	.xClose = failing_x_close,
	.xRead = failing_x_read,
	.xWrite = failing_x_write,
	.xTruncate = failing_x_truncate,
	.xSync = failing_x_sync,
	.xFileSize = failing_x_file_size,
	.xLock = failing_x_lock,
	.xUnlock = failing_x_unlock,
	.xCheckReservedLock = failing_x_check_lock,
	.xFileControl = failing_x_control,
	.xSectorSize = failing_x_sector_size,
	.xDeviceCharacteristics = failing_x_device,
	.xShmMap = failing_x_shm_map,
	.xShmLock = failing_x_shm_lock,
	.xShmBarrier = failing_x_shm_barrier,
	.xShmUnmap = failing_x_shm_unmap,
};

static sqlite3_vfs *failing_real;

static int failing_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
			int flags, int *ret_flags)
{
	struct failing_file *failing = (struct failing_file *)file;
	int rc;

	failing->real = (sqlite3_file *)(failing + 1);
	failing->is_main = flags & SQLITE_OPEN_MAIN_DB;
	rc = failing_real->xOpen(failing_real, name, failing->real, flags,
				 ret_flags);
	failing->base.pMethods =
		failing->real->pMethods ? &failing_methods : NULL;
	return rc;
}

static inline void failing_register(void)
{
	static sqlite3_vfs vfs;

	failing_real = sqlite3_vfs_find(NULL);
	vfs = *failing_real;
	vfs.zName = "failing";
	vfs.szOsFile = sizeof(struct failing_file) + failing_real->szOsFile;
	vfs.xOpen = failing_open;
	sqlite3_vfs_register(&vfs, 0);
}

static inline void failing_none(void)
{
	failing_write = failing_sync = failing_read = 0;
	failing_after = failing_main = 0;
}
