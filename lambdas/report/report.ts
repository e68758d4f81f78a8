import type { Query } from '../contracts/orders.ts';
import { compareInventory, type InventoryReport } from './compare-inventory.ts';
import { listFindings, type FindingsReport } from './list-findings.ts';
import type { ReportPorts } from './report-ports.ts';
import { showHistory, type HistoryReport } from './show-history.ts';
import { showStatus, type StatusReport } from './show-status.ts';
import { verifyAudit, type AuditReport } from './verify-audit.ts';

/** Answers a query. Writes nothing, reads no value. */
export async function report(
  ports: ReportPorts,
  query: Query,
): Promise<StatusReport | HistoryReport | FindingsReport | AuditReport | InventoryReport> {
  switch (query.query) {
    case 'status':
      return showStatus(ports, query.credential);
    case 'history':
      return showHistory(ports, query.credential, query.limit);
    case 'findings':
      return listFindings(ports, query.credential);
    case 'audit-verify':
      return verifyAudit(ports, query.credential);
    case 'inventory':
      return compareInventory(ports);
  }
}
