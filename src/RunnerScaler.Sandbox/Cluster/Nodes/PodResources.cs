using System.Buffers;
using System.Globalization;
using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>An amount of a node's resources.</summary>
/// <param name="Cpu">In cores.</param>
/// <param name="Memory">In bytes.</param>
internal readonly record struct PodResources(decimal Cpu, decimal Memory, int Pods)
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("+-.0123456789");

    private static readonly Dictionary<string, decimal> Suffixes = new(StringComparer.Ordinal)
    {
        ["n"] = 1e-9m,
        ["u"] = 1e-6m,
        ["m"] = 1e-3m,
        [""] = 1,
        ["k"] = 1e3m,
        ["M"] = 1e6m,
        ["G"] = 1e9m,
        ["T"] = 1e12m,
        ["Ki"] = 1L << 10,
        ["Mi"] = 1L << 20,
        ["Gi"] = 1L << 30,
        ["Ti"] = 1L << 40,
    };

    public static PodResources operator +(PodResources a, PodResources b) =>
        new(a.Cpu + b.Cpu, a.Memory + b.Memory, a.Pods + b.Pods);

    public static PodResources operator -(PodResources a, PodResources b) =>
        new(a.Cpu - b.Cpu, a.Memory - b.Memory, a.Pods - b.Pods);

    /// <summary>Whether another amount is no more than this in every part.</summary>
    public bool Holds(PodResources other) => other.Cpu <= Cpu && other.Memory <= Memory && other.Pods <= Pods;

    /// <summary>
    /// What a pod requests: its containers and sidecars together, or the largest of its ordinary init containers when
    /// that is more.
    /// </summary>
    public static PodResources RequestedBy(JsonNode? spec)
    {
        var running = new PodResources(0, 0, 1);
        foreach (var container in spec.Objects("containers"))
            running += Of(container);
        var largest = default(PodResources);
        foreach (var container in spec.Objects("initContainers"))
        {
            if (container.Text("restartPolicy") == "Always")
                running += Of(container);
            else
                largest = new PodResources(
                    Math.Max(largest.Cpu, Of(container).Cpu), Math.Max(largest.Memory, Of(container).Memory), 0);
        }
        return new PodResources(
            Math.Max(running.Cpu, largest.Cpu), Math.Max(running.Memory, largest.Memory), running.Pods);
    }

    /// <summary>Reads a quantity such as <c>500m</c> or <c>2Gi</c>; absent and unreadable ones count as 0.</summary>
    public static decimal Quantity(JsonNode? node)
    {
        var text = node is null ? "" : node.Text() ?? node.ToJsonString();
        var split = text.AsSpan().IndexOfAnyExcept(NumberCharacters);
        var (number, suffix) = split < 0 ? (text, "") : (text[..split], text[split..]);
        return decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var amount)
            && Suffixes.TryGetValue(suffix, out var factor) ? amount * factor : 0;
    }

    private static PodResources Of(JsonObject container) => new(
        Quantity(container.At("resources", "requests", "cpu")),
        Quantity(container.At("resources", "requests", "memory")),
        0);
}
