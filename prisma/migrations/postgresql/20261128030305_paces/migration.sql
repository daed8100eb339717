-- AlterTable
ALTER TABLE "key_" ADD COLUMN     "clients" JSONB,
ADD COLUMN     "sessions" INTEGER,
ADD COLUMN     "tokens_per_minute" INTEGER;

-- AlterTable
ALTER TABLE "tenant" ADD COLUMN     "concurrent" INTEGER,
ADD COLUMN     "models" JSONB,
ADD COLUMN     "requests_per_minute" INTEGER,
ADD COLUMN     "tokens_per_minute" INTEGER;
