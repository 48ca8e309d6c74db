'use client'
import type { ReactNode } from 'react'
import { Tab, TabList, TabPanel, Tabs } from '@/components/ui/tabs'
import { PANEL_TABS, type PanelTab } from '@/lib/view/graph-view'
import { TAB_WORD } from '@/lib/view/panel-tabs'

interface Props {
  readonly open: PanelTab
  onOpen(tab: PanelTab): void
  /** What each tab shows, made only for the open one. */
  readonly content: Readonly<Record<PanelTab, () => ReactNode>>
}

/** The tabs of the side panel; which is open stands in the address. */
export function PanelTabs({ open, onOpen, content }: Props) {
  return (
    <Tabs
      value={open}
      onValueChange={(value) => {
        const tab = PANEL_TABS.find((one) => one === value)
        if (tab) onOpen(tab)
      }}
    >
      <TabList aria-label="What is known">
        {PANEL_TABS.map((tab) => (
          <Tab key={tab} value={tab}>
            {TAB_WORD[tab]}
          </Tab>
        ))}
      </TabList>
      {PANEL_TABS.map((tab) => (
        <TabPanel key={tab} value={tab} className="grid grid-cols-1 gap-4">
          {tab === open && content[tab]()}
        </TabPanel>
      ))}
    </Tabs>
  )
}
