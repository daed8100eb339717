-- AlterTable
ALTER TABLE "key_" ADD COLUMN "clients" JSONB;
ALTER TABLE "key_" ADD COLUMN "sessions" INTEGER;
ALTER TABLE "key_" ADD COLUMN "tokens_per_minute" INTEGER;

-- AlterTable
ALTER TABLE "tenant" ADD COLUMN "concurrent" INTEGER;
ALTER TABLE "tenant" ADD COLUMN "models" JSONB;
ALTER TABLE "tenant" ADD COLUMN "requests_per_minute" INTEGER;
ALTER TABLE "tenant" ADD COLUMN "tokens_per_minute" INTEGER;
