-- AlterTable
ALTER TABLE "exchange" ADD COLUMN     "branch" TEXT,
ADD COLUMN     "repo" TEXT,
ADD COLUMN     "ticket" TEXT;

-- AlterTable
ALTER TABLE "usage_event" ADD COLUMN     "branch" TEXT,
ADD COLUMN     "repo" TEXT,
ADD COLUMN     "session_id" TEXT,
ADD COLUMN     "ticket" TEXT;
