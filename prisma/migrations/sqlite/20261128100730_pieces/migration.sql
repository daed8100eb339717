-- Of another form: nodes get a snapshot anew, with a higher revision.
DELETE FROM "snapshot";

-- CreateTable
CREATE TABLE "piece" (
    "sha256" TEXT NOT NULL PRIMARY KEY,
    "body" BLOB NOT NULL,
    "released_revision" INTEGER,
    "released_at" DATETIME
);

-- CreateTable
CREATE TABLE "snapshot_head" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "revision" INTEGER NOT NULL,
    "issued_at" DATETIME NOT NULL,
    "body" BLOB NOT NULL
);

-- CreateTable
CREATE TABLE "fleet_root" (
    "version" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "body" BLOB NOT NULL
);

-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_snapshot" (
    "revision" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "sha256" TEXT NOT NULL,
    "size_bytes" INTEGER NOT NULL,
    "created_at" DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'))
);
INSERT INTO "new_snapshot" ("created_at", "revision", "sha256", "size_bytes") SELECT "created_at", "revision", "sha256", "size_bytes" FROM "snapshot";
DROP TABLE "snapshot";
ALTER TABLE "new_snapshot" RENAME TO "snapshot";
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;

-- CreateIndex
CREATE INDEX "piece_released_at_idx" ON "piece"("released_at");
