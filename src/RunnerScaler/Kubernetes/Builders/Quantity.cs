using k8s.Models;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>
/// Amounts as <see href="https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/">Kubernetes
/// writes them</see>, as far as pools and options may: <c>500m</c>, <c>1.5</c>, <c>2Gi</c>.
/// </summary>
internal static class Quantity
{
    /// <summary>Characters of the longest amount, and some.</summary>
    private const int Longest = 20;

    /// <summary>The amount; null if the text is none.</summary>
    // Only what has the form: ResourceQuantity counts out an exponent of any size, and takes 1,5 for 15.
    public static decimal? Read(string text) =>
        SpecPatterns.Match(SpecPatterns.Amount, text, Longest) ? new ResourceQuantity(text).ToDecimal() : null;
}
