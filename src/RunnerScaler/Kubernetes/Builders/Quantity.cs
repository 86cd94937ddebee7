using System.Globalization;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>
/// Amounts as <see href="https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/">Kubernetes
/// writes them</see>, without exponents and signs: <c>500m</c>, <c>1.5</c>, <c>2Gi</c>.
/// </summary>
internal static class Quantity
{
    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40),
        ("m", 0.001m), ("k", 1e3m), ("M", 1e6m), ("G", 1e9m), ("T", 1e12m),
    ];

    /// <summary>The amount; null if the text is none.</summary>
    public static decimal? Read(string text)
    {
        var number = text.AsSpan();
        var factor = 1m;
        foreach (var (suffix, by) in Suffixes)
        {
            if (!text.EndsWith(suffix, StringComparison.Ordinal))
                continue;
            number = number[..^suffix.Length];
            factor = by;
            break;
        }
        return number.Length is > 0 and <= 12
            && char.IsAsciiDigit(number[0])
            && char.IsAsciiDigit(number[^1])
            && decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
                ? amount * factor
                : null;
    }
}
