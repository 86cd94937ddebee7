using System.Text;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>Names of pools, made of names of ARC's objects.</summary>
internal static class PoolNames
{
    private const string Unnamed = "runners";

    /// <summary>ARC's name where a pool may have it and no other has it already, and one like it elsewhere.</summary>
    public static PoolKey Choose(ArcObject source, IReadOnlySet<PoolKey> taken)
    {
        var name = Possible(source.Name);
        for (var count = 1; ; count++)
        {
            var suffix = count == 1 ? "" : $"-{count}";
            var key = new PoolKey(
                source.Namespace, name[..Math.Min(name.Length, Slot.LongestPoolName - suffix.Length)] + suffix);
            if (!taken.Contains(key))
                return key;
        }
    }

    private static string Possible(string name)
    {
        var kept = new StringBuilder();
        foreach (var c in name.ToLowerInvariant())
            kept.Append(char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-');
        var possible = kept.ToString().Trim('-');
        if (possible.Length > Slot.LongestPoolName)
            possible = possible[..Slot.LongestPoolName].TrimEnd('-');
        return possible.Length > 0 ? possible : Unnamed;
    }
}
