using System.Globalization;

namespace RunnerImage.Images;

/// <summary>Sizes as docker prints them: four digits and a decimal unit.</summary>
internal static class ByteSize
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB"];

    /// <param name="digits">How many digits that count.</param>
    public static string Text(long bytes, int digits = 4)
    {
        var (value, unit) = ((double)bytes, 0);
        for (; value >= 1000 && unit < Units.Length - 1; unit++)
            value /= 1000;
        var decimals = Math.Max(0, digits - ((int)value).ToString(CultureInfo.InvariantCulture).Length);
        return Math.Round(value, decimals).ToString("0." + new string('#', decimals), CultureInfo.InvariantCulture)
            + Units[unit];
    }
}
