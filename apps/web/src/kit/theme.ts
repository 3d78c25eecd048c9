// Colours and sizes of ux.md section 5 for antd; the same values are custom properties in foundation.css.
import type { ThemeConfig } from 'antd';

export const theme: ThemeConfig = {
  token: {
    colorPrimary: '#1f4e8c',
    colorLink: '#0958d9',
    // antd would lighten a link under the pointer below the contrast of 4.5.
    colorLinkHover: '#003eb3',
    colorLinkActive: '#002c8c',
    colorError: '#b42318',
    colorWarning: '#9a5b00',
    colorSuccess: '#2b6e3f',
    colorText: '#1f2933',
    colorTextSecondary: '#52606d',
    colorTextDescription: '#52606d',
    colorTextPlaceholder: '#66727f',
    colorTextDisabled: '#5c6873',
    colorBgLayout: '#f5f7fa',
    borderRadius: 4,
    borderRadiusSM: 4,
    borderRadiusLG: 4,
    fontSize: 14,
    controlHeight: 32,
    fontFamily: '"Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "思源黑体", sans-serif',
    motion: false,
  },
  components: {
    Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none' },
    Form: { itemMarginBottom: 16, verticalLabelPadding: '0 0 4px' },
  },
};
