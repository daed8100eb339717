-- CreateTable
CREATE TABLE "api_allowance" (
    "id" TEXT NOT NULL,
    "window_at" TIMESTAMP(3) NOT NULL,
    "used" INTEGER NOT NULL,

    CONSTRAINT "api_allowance_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "api_allowance_window_at_idx" ON "api_allowance"("window_at");
