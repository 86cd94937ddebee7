using System.Text.RegularExpressions;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>
/// The forms of texts in a pool's spec, letter for letter as <c>deploy/crds/runnerpools.yaml</c> has them: a test
/// compares the two.
/// </summary>
internal static class SpecPatterns
{
    public const string ObjectName = "^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$";
    public const string NamespaceName = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
    public const string Image = @"^[^\s@]+@sha256:[0-9a-f]{64}$";
    public const string Size = "^[1-9][0-9]{0,5}(Gi|Ti)$";
    public const string Amount = "^[0-9]{1,6}([.][0-9]{1,3})?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$";
    public const string AppArmor = "^[A-Za-z0-9][A-Za-z0-9._-]*$";
    public const string File = "^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*$";
    public const string Host = "^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$";
    public const string Mirror = "^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[A-Za-z0-9._-]+)*$";
    public const string Address = "^tcp://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?:[0-9]{1,5}$";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Whether the whole text has the form.</summary>
    public static bool Match(string pattern, string text, int longest) =>
        text.Length <= longest
        && !text.EndsWith('\n')
        && Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, Patience);
}
