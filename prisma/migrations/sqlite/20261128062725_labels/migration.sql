-- AlterTable
ALTER TABLE "exchange" ADD COLUMN "branch" TEXT;
ALTER TABLE "exchange" ADD COLUMN "repo" TEXT;
ALTER TABLE "exchange" ADD COLUMN "ticket" TEXT;

-- AlterTable
ALTER TABLE "usage_event" ADD COLUMN "branch" TEXT;
ALTER TABLE "usage_event" ADD COLUMN "repo" TEXT;
ALTER TABLE "usage_event" ADD COLUMN "session_id" TEXT;
ALTER TABLE "usage_event" ADD COLUMN "ticket" TEXT;
