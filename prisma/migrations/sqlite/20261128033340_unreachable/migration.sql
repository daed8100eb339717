-- AlterTable
ALTER TABLE "quota" ADD COLUMN "when_unreachable" TEXT NOT NULL DEFAULT 'REFUSE';
