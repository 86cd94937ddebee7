using System.Reflection;
using RunnerScaler.Control.Work;

namespace RunnerScaler.Hosting;

/// <summary>The values that an option can have.</summary>
internal static class OptionRange
{
    /// <returns>What may be written, in words; nothing if that is any text or any number.</returns>
    public static string Describe(PropertyInfo property) =>
        property.GetCustomAttribute<OptionRangeAttribute>() is { } range
            ? $"{(range.OrNever ? "0, or " : "")}{range.Least} to {range.Most}"
            : property.PropertyType == typeof(bool) ? "true, false"
            : property.PropertyType.IsEnum ? string.Join(", ", Enum.GetNames(property.PropertyType))
            : "";

    public static bool Holds(PropertyInfo property, object value)
    {
        if (property.GetCustomAttribute<OptionRangeAttribute>() is not { } range)
            return true;
        return (range.OrNever && IsAt("0", 0)) || (IsAt(range.Least, 1) && IsAt(range.Most, -1));

        // Whether the value equals that of the text, or lies on this side of it.
        bool IsAt(string text, int side)
        {
            var order = Math.Sign(((IComparable)value).CompareTo(OptionValue.Parse(text, property.PropertyType)));
            return order == 0 || order == side;
        }
    }
}
