using System.Globalization;
using System.Text.RegularExpressions;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>The first two numbers of a version: of Kubernetes, of a kernel.</summary>
internal readonly partial record struct Release(int Major, int Minor) : IComparable<Release>
{
    public static bool operator <(Release a, Release b) => a.CompareTo(b) < 0;

    public static bool operator >(Release a, Release b) => a.CompareTo(b) > 0;

    public static bool operator <=(Release a, Release b) => a.CompareTo(b) <= 0;

    public static bool operator >=(Release a, Release b) => a.CompareTo(b) >= 0;

    /// <summary>
    /// Reads <c>v1.36.2-gke.1</c>, <c>6.18.0-arch1</c>, <c>1.35+</c>; null if it is nothing like that.
    /// </summary>
    public static Release? Parse(string? text)
    {
        var match = Pattern().Match(text ?? "");
        return match.Success ? new Release(Number(match.Groups[1]), Number(match.Groups[2])) : null;
    }

    public int CompareTo(Release other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");

    private static int Number(Group digits) => int.Parse(digits.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^v?(\d{1,6})\.(\d{1,6})(?!\d)")]
    private static partial Regex Pattern();
}
