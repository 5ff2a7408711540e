package redraft.traffic;

/**
 * What comes to a server.
 *
 * @param name in results
 * @param rate requests a second; null where users ask again, or a file says when requests come
 * @param users who ask again; null where requests come whatever the server does
 * @param ownLengths whether requests have the lengths of the texts that they follow
 */
public record OfferedLoad(
    String name, Double rate, Integer users, Workload workload, boolean ownLengths) {}
