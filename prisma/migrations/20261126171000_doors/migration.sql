-- AlterTable
ALTER TABLE "egress_entry" ADD COLUMN     "document" TEXT;

