-- Of another form: nodes get a snapshot anew, with a higher revision.
DELETE FROM "snapshot";

-- AlterTable
ALTER TABLE "snapshot" DROP COLUMN "body";

-- CreateTable
CREATE TABLE "piece" (
    "sha256" TEXT NOT NULL,
    "body" BYTEA NOT NULL,
    "released_revision" INTEGER,
    "released_at" TIMESTAMP(3),

    CONSTRAINT "piece_pkey" PRIMARY KEY ("sha256")
);

-- CreateTable
CREATE TABLE "snapshot_head" (
    "name" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "issued_at" TIMESTAMP(3) NOT NULL,
    "body" BYTEA NOT NULL,

    CONSTRAINT "snapshot_head_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "fleet_root" (
    "version" INTEGER NOT NULL,
    "body" BYTEA NOT NULL,

    CONSTRAINT "fleet_root_pkey" PRIMARY KEY ("version")
);

-- CreateIndex
CREATE INDEX "piece_released_at_idx" ON "piece"("released_at");
