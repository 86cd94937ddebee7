using System.Text.Json;
using RunnerScaler.Kubernetes.Api;

namespace RunnerScaler.Kubernetes.Asking;

/// <summary>Where a controller is: the namespace and the name of its Kubernetes Service.</summary>
internal sealed record ControllerPlace(string Namespace, string Name)
{
    /// <summary>Reads NAMESPACE/NAME; null if it is none.</summary>
    public static ControllerPlace? Read(string text) =>
        text.Split('/') is [{ Length: > 0 } ns, { Length: > 0 } name] && !text.Contains("..", StringComparison.Ordinal)
            ? new(ns, name)
            : null;

    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>Finds the controller of a cluster by the Service that leads to it.</summary>
internal sealed class ControllerSearch(ApiServer api)
{
    /// <summary>The name of the port at which a controller answers questions.</summary>
    public const string Port = "metrics";

    private const string Label = "app.kubernetes.io/part-of=runnerscaler";

    private static readonly string Query = $"?labelSelector={Uri.EscapeDataString(Label)}&limit=100";

    /// <param name="likely">The namespaces that are looked at if not all may be.</param>
    /// <param name="cancel">Ends the search.</param>
    /// <returns>The place, or why it is not known.</returns>
    public async Task<(ControllerPlace? Place, string Why)> FindAsync(
        IReadOnlyCollection<string> likely, CancellationToken cancel)
    {
        var everywhere = await api.GetAsync(ResourcePaths.Services(null) + Query, cancel);
        if (everywhere.Code is not 403)
            return everywhere.Ok
                ? Choose([.. PlacesIn(everywhere)], "in the cluster")
                : (null, $"The controller cannot be looked for: {everywhere.Why}");
        List<ControllerPlace> found = [];
        foreach (var ns in likely)
            found.AddRange(PlacesIn(await api.GetAsync(ResourcePaths.Services(ns) + Query, cancel)));
        return Choose(found, $"in {string.Join(" or ", likely.Select(ns => $"'{ns}'"))}, and you may not list the "
            + "services of all namespaces");
    }

    private static (ControllerPlace? Place, string Why) Choose(List<ControllerPlace> found, string where) =>
        found switch
        {
            [var one] => (one, ""),
            [] => (null, $"No controller was found {where}: no Service has the label {Label} and a port '{Port}'. If "
                + "it is there, say where: --controller=NAMESPACE/SERVICE."),
            _ => (null, $"There are {found.Count} controllers: {string.Join(", ", found.Take(10))}. Say which: "
                + "--controller=NAMESPACE/SERVICE."),
        };

    private static IEnumerable<ControllerPlace> PlacesIn(ApiAnswer list) =>
        from item in list.Ok ? list.Root.Each("items") : []
        let metadata = item.Member("metadata")
        where ((JsonElement?)item).Member("spec").Each("ports").Any(port => port.Text("name") == Port)
        select new ControllerPlace(metadata.Text("namespace") ?? "", metadata.Text("name") ?? "");
}
