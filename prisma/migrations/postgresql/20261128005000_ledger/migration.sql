-- AlterTable
ALTER TABLE "usage_event" ADD COLUMN     "centre_id" TEXT;

-- CreateTable
CREATE TABLE "cost_centre" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "payer" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "member_id" TEXT,
    "campaign_id" TEXT,
    "pool_id" TEXT,
    "upstream_id" TEXT NOT NULL,
    "credential_id" TEXT,
    "model" TEXT NOT NULL,
    "tags" JSONB,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),

    CONSTRAINT "cost_centre_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "cost_hour" (
    "centre_id" TEXT NOT NULL,
    "hour" TIMESTAMP(3) NOT NULL,
    "requests" INTEGER NOT NULL DEFAULT 0,
    "input_tokens" BIGINT NOT NULL DEFAULT 0,
    "output_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_read_tokens" BIGINT NOT NULL DEFAULT 0,
    "cache_write_tokens" BIGINT NOT NULL DEFAULT 0,
    "cost_nano" BIGINT NOT NULL DEFAULT 0,
    "excess_nano" BIGINT NOT NULL DEFAULT 0,
    "estimated_nano" BIGINT NOT NULL DEFAULT 0,
    "estimated" INTEGER NOT NULL DEFAULT 0,
    "unpriced" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "cost_hour_pkey" PRIMARY KEY ("centre_id","hour")
);

-- CreateTable
CREATE TABLE "ledger_entry" (
    "id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "reference" TEXT NOT NULL,
    "note" TEXT,
    "member_id" TEXT,
    "charge_id" TEXT,
    "other_tenant_id" TEXT,
    "amount_nano" BIGINT NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "ledger_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_posting" (
    "entry_id" TEXT NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "amount_nano" BIGINT NOT NULL,

    CONSTRAINT "ledger_posting_pkey" PRIMARY KEY ("entry_id","tenant_id","account")
);

-- CreateTable
CREATE TABLE "account_balance" (
    "tenant_id" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "balance_nano" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "account_balance_pkey" PRIMARY KEY ("tenant_id","account")
);

-- CreateTable
CREATE TABLE "wallet" (
    "tenant_id" TEXT NOT NULL,
    "low_nano" BIGINT,
    "low" BOOLEAN NOT NULL DEFAULT false,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
    "updated_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "wallet_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateIndex
CREATE INDEX "cost_centre_tenant_id_id_idx" ON "cost_centre"("tenant_id", "id");

-- CreateIndex
CREATE INDEX "cost_hour_hour_idx" ON "cost_hour"("hour");

-- CreateIndex
CREATE INDEX "ledger_entry_tenant_id_created_at_idx" ON "ledger_entry"("tenant_id", "created_at");

-- CreateIndex
CREATE INDEX "ledger_entry_charge_id_idx" ON "ledger_entry"("charge_id");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_entry_tenant_id_reference_key" ON "ledger_entry"("tenant_id", "reference");

-- AddForeignKey
ALTER TABLE "ledger_posting" ADD CONSTRAINT "ledger_posting_entry_id_fkey" FOREIGN KEY ("entry_id") REFERENCES "ledger_entry"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
