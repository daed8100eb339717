-- CreateTable
CREATE TABLE "api_allowance" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "window_at" DATETIME NOT NULL,
    "used" INTEGER NOT NULL
);

-- CreateIndex
CREATE INDEX "api_allowance_window_at_idx" ON "api_allowance"("window_at");
