-- DropIndex
DROP INDEX "lease_key_id_open_idx";

-- DropIndex
DROP INDEX "lease_node_id_boot_id_req_seq_key_id_key";

-- AlterTable: leases that are open keep their holder
ALTER TABLE "lease" RENAME COLUMN "key_id" TO "holder_id";
ALTER TABLE "lease" ADD COLUMN "unit" TEXT NOT NULL DEFAULT 'USD';

-- CreateIndex
CREATE INDEX "lease_holder_id_open_idx" ON "lease"("holder_id", "open");

-- CreateIndex
CREATE UNIQUE INDEX "lease_node_id_boot_id_req_seq_holder_id_unit_key" ON "lease"("node_id", "boot_id", "req_seq", "holder_id", "unit");
